import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers } from './port-answers.ts';
import type { ServerSpec } from './server-spec.ts';
import type { StackOptions } from './stack-options.ts';

const EXPORTS = [
  'java.base/jdk.internal.misc',
  'java.base/java.lang.ref',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
];
const OPENS = [
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.module',
  'java.base/java.lang.reflect',
  'java.base/java.net',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.util.jar',
  'java.base/sun.nio.ch',
  'jdk.management/com.sun.management.internal',
];
/** A fast start on one machine: nothing to gossip with, nothing to wait for. */
const PROPERTIES = {
  'cassandra.skip_wait_for_gossip_to_settle': '0',
  'cassandra.ring_delay_ms': '0',
  'cassandra.superuser_setup_delay_ms': '0',
  'jdk.attach.allowAttachSelf': 'true',
  'io.netty.tryReflectionSetAccessible': 'true',
  'java.net.preferIPv4Stack': 'true',
};

/** Cassandra nodes at 127.0.0.1, 127.0.0.2 …, with evenly spread tokens so that none has to bootstrap. */
export function cassandraServers(jars: string, options: StackOptions): ServerSpec[] {
  const port = options.portBase + 100;
  return Array.from({ length: options.cassandra }, (_, index) => {
    const host = `127.0.0.${index + 1}`;
    const folder = join(options.dataFolder, `cassandra-${index}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'cassandra.yaml'),
      yaml({ host, port, folder, token: tokenOf(index, options.cassandra), storagePort: port + 1 }),
    );
    writeFileSync(join(folder, 'logback.xml'), LOGBACK);
    const address = `${host}:${port}`;
    return {
      name: `cassandra-${index}`,
      command: 'java',
      args: javaArguments(jars, folder, options.cassandra > 1),
      folder,
      address,
      isReady: () => portAnswers(address),
    };
  });
}

function javaArguments(jars: string, folder: string, small: boolean): string[] {
  const properties = {
    ...PROPERTIES,
    'cassandra.config': `file://${join(folder, 'cassandra.yaml')}`,
    'cassandra.storagedir': folder,
    'logback.configurationFile': join(folder, 'logback.xml'),
  };
  return [
    ...(small ? ['-Xms512m', '-Xmx512m'] : ['-Xms1g', '-Xmx1g']),
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=50',
    '-Xss512k',
    `-javaagent:${join(jars, 'jamm-0.4.0.jar')}`,
    ...EXPORTS.flatMap((module) => ['--add-exports', `${module}=ALL-UNNAMED`]),
    ...OPENS.flatMap((module) => ['--add-opens', `${module}=ALL-UNNAMED`]),
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    '-cp',
    `${jars}/*`,
    'org.apache.cassandra.service.CassandraDaemon',
  ];
}

/** Token of node `index` of `count` on the Murmur3 ring. */
function tokenOf(index: number, count: number): string {
  return String((2n ** 64n / BigInt(count)) * BigInt(index) - 2n ** 63n);
}

function yaml(node: { host: string; port: number; storagePort: number; folder: string; token: string }): string {
  return `cluster_name: garam-stack
initial_token: "${node.token}"
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
auto_bootstrap: false
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "127.0.0.1:${node.storagePort}" }]
listen_address: ${node.host}
rpc_address: ${node.host}
native_transport_port: ${node.port}
storage_port: ${node.storagePort}
data_file_directories: ["${join(node.folder, 'data')}"]
commitlog_directory: "${join(node.folder, 'commitlog')}"
saved_caches_directory: "${join(node.folder, 'saved_caches')}"
hints_directory: "${join(node.folder, 'hints')}"
commitlog_sync: batch
commitlog_segment_size: 16MiB
commitlog_disk_access_mode: mmap
memtable_heap_space: 128MiB
file_cache_size: 64MiB
concurrent_reads: 16
concurrent_writes: 32
auto_snapshot: false
disk_failure_policy: stop
`;
}

const LOGBACK = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %date{ISO8601} %logger{20} %msg%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`;
