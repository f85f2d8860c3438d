import type { KafkaOptions } from '@garam/eventlog-kafka/kafka-options';
import type { KafkaPlace } from './parse-adapter-urls.ts';

/** How to reach the cluster an address names. */
export function kafkaOptions(
  { brokers, credentials, mechanism, tls }: KafkaPlace,
  clientName: string,
): Pick<KafkaOptions, 'brokers' | 'clientId' | 'ssl' | 'sasl'> {
  return {
    brokers,
    clientId: clientName,
    ...(tls ? { ssl: true } : {}),
    ...(credentials === undefined ? {} : { sasl: { mechanism, ...credentials } }),
  };
}
