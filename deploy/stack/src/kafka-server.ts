import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { portAnswers } from './port-answers.ts';
import type { ServerSpec } from './server-spec.ts';
import type { StackOptions } from './stack-options.ts';

const run = promisify(execFile);
const CLUSTER_ID = 'R2FyYW1TdGFja0thZmthMA';
/** A machine may be busy: the only thing this guards against is waiting for ever. */
const FORMAT_MS_MAX = 240_000;

/** Kafka in KRaft mode, every node broker and controller. Replicated as far as there are brokers. */
export async function kafkaServers(jars: string, options: StackOptions): Promise<ServerSpec[]> {
  const nodes = Array.from({ length: options.kafka }, (_, index) => ({
    index,
    client: options.portBase + index,
    controller: options.portBase + 50 + index,
  }));
  const voters = nodes.map(({ index, controller }) => `${index}@127.0.0.1:${controller}`).join(',');
  return Promise.all(
    nodes.map(async (node) => {
      const folder = join(options.dataFolder, `kafka-${node.index}`);
      const config = join(folder, 'server.properties');
      mkdirSync(folder, { recursive: true });
      writeFileSync(config, properties(node, { voters, folder, brokers: options.kafka }));
      writeFileSync(join(folder, 'log4j2.yaml'), LOG4J);
      const java = [`-Dlog4j2.configurationFile=${join(folder, 'log4j2.yaml')}`, '-cp', `${jars}/*`];
      if (!existsSync(join(folder, 'log', 'meta.properties'))) {
        await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', config], {
          timeout: FORMAT_MS_MAX,
        });
      }
      const address = `127.0.0.1:${node.client}`;
      return {
        name: `kafka-${node.index}`,
        command: 'java',
        args: ['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', ...java, 'kafka.Kafka', config],
        folder,
        address,
        isReady: () => portAnswers(address),
      };
    }),
  );
}

interface KafkaNode {
  index: number;
  client: number;
  controller: number;
}

function properties(node: KafkaNode, cluster: { voters: string; folder: string; brokers: number }): string {
  const replicas = Math.min(3, cluster.brokers);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': node.index,
    'controller.quorum.voters': cluster.voters,
    listeners: `CLIENT://127.0.0.1:${node.client},CONTROLLER://127.0.0.1:${node.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${node.client}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(cluster.folder, 'log'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A consumer or broker that died is missed within seconds: tests and crash runs wait for it. A broker that is alone
    // has nobody to hand over to: on a busy machine it must not be taken for dead.
    'group.min.session.timeout.ms': 1_000,
    'broker.session.timeout.ms': cluster.brokers === 1 ? 9_000 : 3_000,
    'broker.heartbeat.interval.ms': 500,
    'log.message.timestamp.type': 'LogAppendTime',
    'unclean.leader.election.enable': false,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.threads': 1,
    'num.recovery.threads.per.data.dir': 2,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const LOG4J = `Configuration:
  Appenders:
    Console:
      name: STDOUT
      PatternLayout: {pattern: "[%d] %p %m (%c)%n"}
  Loggers:
    Root:
      level: WARN
      AppenderRef: [{ref: STDOUT}]
`;
