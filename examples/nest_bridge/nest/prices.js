import { Controller } from '@nestjs/common';
import { MessagePattern, RpcException } from '@nestjs/microservices';

import { decorate } from './decorate.js';

const cents = new Map([['cd', 1499], ['lp', 2999]]);

/** Says what things cost, to whoever asks: here the inventory, which is written in Rust. */
export class Prices {
  quote({ product, quantity }) {
    const unit = cents.get(product);
    if (unit === undefined) {
      throw new RpcException({ code: 'not_for_sale', product });
    }
    return { unit_cents: unit, total_cents: unit * quantity };
  }
}

decorate(Prices, Controller(), { quote: MessagePattern({ cmd: 'quote_price' }) });
