import { afterAll } from 'vitest';
import { destroyAll } from './ws-client.ts';

afterAll(() => destroyAll());
