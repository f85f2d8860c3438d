import { NO_COVER } from '@garam/service-gateway/delivery/delivery-deps';
import type { TailingParts } from '@garam/service-gateway/tailing/tailing';

/** Gateways that do not read the log: a lost bus is made up for by comparing heads alone. */
export const withoutTailing: TailingParts['createTailing'] = ({ delivery }) => ({
  ...NO_COVER,
  partitions: 0,
  start() {},
  stop() {},
  heard() {},
  lost(isLost) {
    if (!isLost) void delivery.resync();
  },
});
