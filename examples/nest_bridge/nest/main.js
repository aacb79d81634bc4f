// A shop front in NestJS. Its inventory is the Rust half of this example, and asks it for prices in turn.
//
//     node main.js [--inventory 127.0.0.1:4001] [--listen 127.0.0.1:4002]
//
// Places five orders, says what has become of each, and ends: with status 0, or with 1 after thirty seconds.
//
// To the inventory, in Rust:
//   message {cmd: 'check_inventory'}  {product, quantity}            -> {in_stock, enough}
//                                                     error {code: 'no_such_product', product}
//   event   'order.placed'            {order_id, product, quantity}
// To the shop front, in NestJS:
//   message {cmd: 'quote_price'}      {product, quantity}            -> {unit_cents, total_cents}
//                                                     error {code: 'not_for_sale', product}
//   event   'order.packed'            {order_id, total_cents}
//   event   'order.refused'           {order_id, code}
// Every placed order is answered by one of the last two. `code` is a string, all else but `product` whole numbers.
import 'reflect-metadata';

import { parseArgs } from 'node:util';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport } from '@nestjs/microservices';

import { decorate } from './decorate.js';
import { Orders } from './orders.js';
import { Prices } from './prices.js';

const { values: addresses } = parseArgs({
  options: {
    inventory: { type: 'string', default: '127.0.0.1:4001' },
    listen: { type: 'string', default: '127.0.0.1:4002' },
  },
});

function tcp(address) {
  const [host, port] = address.split(':');
  return { transport: Transport.TCP, options: { host, port: Number(port) } };
}

class Shop {}
decorate(Shop, Module({
  imports: [ClientsModule.register([{ name: 'INVENTORY', ...tcp(addresses.inventory) }])],
  controllers: [Orders, Prices],
}));

const app = await NestFactory.createMicroservice(Shop, { ...tcp(addresses.listen), logger: ['warn', 'error'] });
await app.listen();

setTimeout(() => {
  console.error('not done after thirty seconds: is the Rust half running?');
  process.exit(1);
}, 30_000).unref();

const wanted = [[2, 'cd'], [3, 'lp'], [1, 'lp'], [1, '8-track'], [1, 'poster']];
for (const [index, [quantity, product]] of wanted.entries()) {
  const order_id = index + 1;
  const outcome = await app.get(Orders).place({ order_id, product, quantity });
  console.log(`order ${order_id}, ${quantity} ${product}: ${outcome}`);
}
await app.close();
