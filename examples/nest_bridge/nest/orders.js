import { Controller, Inject } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { lastValueFrom, retry, throwError, timer } from 'rxjs';

import { decorate } from './decorate.js';

/** NestJS's client does not wait for a service that is not there yet. */
const onceItIsUp = retry({
  delay: (error) => (/ECONNREFUSED/.test(error?.message) ? timer(200) : throwError(() => error)),
});

/** Places orders with the inventory, and hears what has become of them. */
export class Orders {
  waiting = new Map();

  constructor(inventory) {
    this.inventory = inventory;
  }

  /** Resolves to what has become of the order, in words. */
  async place({ order_id, product, quantity }) {
    const question = this.inventory.send({ cmd: 'check_inventory' }, { product, quantity });
    let found;
    try {
      found = await lastValueFrom(question.pipe(onceItIsUp));
    } catch (error) {
      return `not placed: ${error?.code ?? error?.message ?? error}`;
    }
    if (!found.enough) {
      return `not placed: ${found.in_stock} in stock`;
    }
    const outcome = new Promise((resolve) => this.waiting.set(order_id, resolve));
    await lastValueFrom(this.inventory.emit('order.placed', { order_id, product, quantity }));
    return outcome;
  }

  packed({ order_id, total_cents }) {
    this.#settle(order_id, `packed, for ${(total_cents / 100).toFixed(2)}`);
  }

  refused({ order_id, code }) {
    this.#settle(order_id, `refused: ${code}`);
  }

  #settle(order_id, outcome) {
    this.waiting.get(order_id)?.(outcome);
    this.waiting.delete(order_id);
  }
}

decorate(Orders, Controller(), {
  packed: EventPattern('order.packed'),
  refused: EventPattern('order.refused'),
});
Inject('INVENTORY')(Orders, undefined, 0);
