import { loadConfig } from '@garam/service/load-config';
import { expect, test } from 'vitest';
import { effectiveConfig, garamConfig } from './config.ts';

const configured = (environment: Record<string, string>) => effectiveConfig(loadConfig(garamConfig, environment));

test('without a way to verify tokens it listens on this machine alone, whatever the host', () => {
  expect(configured({ GARAM_HOST: '0.0.0.0' })).toMatchObject({ isDevelopment: true, GARAM_API_HOST: '127.0.0.1' });
});

test('with a secret it listens on every address', () => {
  const config = configured({ GARAM_JWT_SECRET: 'x'.repeat(32), GARAM_PORT: '9000' });
  expect(config).toMatchObject({ isDevelopment: false, GARAM_API_HOST: '0.0.0.0', GARAM_API_PORT: 9000 });
});

test('log and store share one file in the data folder unless told otherwise', () => {
  const config = configured({ GARAM_DATA: '/tmp/somewhere' });
  expect(config.GARAM_LOG).toBe('sqlite:/tmp/somewhere/garam.db');
  expect(config.GARAM_STORE).toBe(config.GARAM_LOG);
  expect(configured({ GARAM_STORE: 'sqlite:/tmp/b.db' }).GARAM_STORE).toBe('sqlite:/tmp/b.db');
});

test('every problem is reported at once', () => {
  expect(() => configured({ GARAM_PORT: 'x', GARAM_LIMITS: 'maybe', GARAM_RATE_MESSAGES: '5' })).toThrow(
    /GARAM_LIMITS[\s\S]*GARAM_PORT|GARAM_PORT[\s\S]*GARAM_LIMITS/,
  );
});
