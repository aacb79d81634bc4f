import 'reflect-metadata';

export * as common from '@nestjs/common';
export * as core from '@nestjs/core';
export * as nats from '@nats-io/transport-node';
export * as microservices from '@nestjs/microservices';
export * as rxjs from 'rxjs';
