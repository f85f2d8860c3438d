import process from 'node:process';
import { runService } from '@garam/service/run-service';
import { compose } from './compose.ts';

await runService(compose, process.env);
