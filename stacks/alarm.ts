/**
 * What somebody should look at. Ten alarms: as many are free in an account, each further one costs 0.10 US dollars a month.
 * Functions of the workflow have none of their own, since what they cannot do fails the execution; nor have those that
 * events start, since what they cannot do becomes a dead letter.
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { NagSuppressions } from "cdk-nag";
import { type Function, type Stack, use } from "sst/constructs";
import { Api } from "./api.ts";
import { Events } from "./event.ts";
import { namesOf } from "./name.ts";
import { Pipeline } from "./pipeline.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";

const period = Duration.minutes(5);

interface Watched {
  readonly metric: Metric;
  /** What to do when it is above zero. */
  readonly advice: string;
}

export function alarms(stack: Stack, { sweep }: { sweep: Function }): void {
  const { prefix } = namesOf(stack.stage);
  const topic = alarmTopic(stack);
  const watched = watchedMetrics(sweep);
  for (const [name, { metric, advice }] of Object.entries(watched)) {
    const alarm = new Alarm(stack, `${name}-alarm`, {
      alarmName: `${prefix}-${name}`,
      alarmDescription: advice,
      metric,
      threshold: 0,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic));
  }
  dashboard(stack, watched);
}

function watchedMetrics(sweep: Function): Record<string, Watched> {
  const { table } = use(Storage);
  const { deadLetters } = use(Events);
  const { api, handler, authorizer, gateway } = use(Api);
  const { machine } = use(Pipeline);
  const sum = { period, statistic: "Sum" };
  return {
    "dead-letters": {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
      advice: "Events nobody could handle. Each message of the queue names its function; its log says why.",
    },
    "failed-executions": {
      metric: machine.metricFailed(sum),
      advice: "Workflows that failed. Their runs were ended, with the reason.",
    },
    "timed-out-executions": {
      metric: machine.metricTimedOut(sum),
      advice: "Workflows that took a week. Their runs were ended, with the reason.",
    },
    "api-failures": {
      metric: api.metricServerError(sum),
      advice: "Answers of the API with a status of 5xx. The function's log has a line for each.",
    },
    "authorizer-failures": {
      metric: authorizer.metricErrors(sum),
      advice: "Requests whose token could not be looked up.",
    },
    "gateway-failures": {
      metric: gateway.metricErrors(sum),
      advice: "Calls of models that ran out of time or memory in the gateway. Its log has a line for each.",
    },
    "sweep-failures": {
      metric: sweep.metricErrors(sum),
      advice: "Things the sweep could not make good. Its log has a line for each; it tries again.",
    },
    "api-throttles": {
      metric: handler.metricThrottles(sum),
      advice: "The account's limit of concurrent functions was reached. docs/deploy.md says how to raise it.",
    },
    "read-throttles": {
      metric: tableMetric("ReadThrottleEvents", table.tableName),
      advice: "DynamoDB refused reads for a time; they were repeated.",
    },
    "write-throttles": {
      metric: tableMetric("WriteThrottleEvents", table.tableName),
      advice: "DynamoDB refused writes for a time; they were repeated.",
    },
  };
}

function tableMetric(metricName: string, TableName: string): Metric {
  return new Metric({
    namespace: "AWS/DynamoDB",
    metricName,
    dimensionsMap: { TableName },
    period,
    statistic: "Sum",
  });
}

/** Nobody is told without an address; the alarms are seen on the dashboard. */
function alarmTopic(stack: Stack): Topic | undefined {
  const { alarmEmail } = settingsOf(stack);
  if (alarmEmail === undefined) return undefined;
  const topic = new Topic(stack, "alarms", {
    topicName: `${namesOf(stack.stage).prefix}-alarms`,
    enforceSSL: true,
  });
  topic.addSubscription(new EmailSubscription(alarmEmail));
  NagSuppressions.addResourceSuppressions(topic, [
    {
      id: "AwsSolutions-SNS2",
      reason:
        "CloudWatch can use no topic that AWS's own key encrypts, and a key of one's own costs 1 US dollar a month. Messages name alarms, nothing else.",
    },
  ]);
  return topic;
}

function dashboard(stack: Stack, watched: Record<string, Watched>): void {
  const { machine } = use(Pipeline);
  const { api, gateway } = use(Api);
  const graph = (title: string, left: Metric[]) => new GraphWidget({ title, left, width: 12 });
  new Dashboard(stack, "dashboard", {
    dashboardName: namesOf(stack.stage).prefix,
    widgets: [
      [
        graph("Runs", [
          machine.metricStarted(),
          machine.metricSucceeded(),
          machine.metricFailed(),
          machine.metricAborted(),
        ]),
        graph("Time of a run", [
          machine.metricTime({ statistic: "p50" }),
          machine.metricTime({ statistic: "p95" }),
        ]),
      ],
      [
        graph("Requests", [
          api.metricCount({ statistic: "Sum" }),
          api.metricClientError({ statistic: "Sum" }),
        ]),
        graph("Time of an answer", [
          api.metricLatency({ statistic: "p50" }),
          api.metricLatency({ statistic: "p95" }),
        ]),
      ],
      [
        graph("Calls of models", [
          gateway.metricInvocations(),
          gateway.metricThrottles(),
          gateway.metric("ConcurrentExecutions", { statistic: "Maximum" }),
        ]),
        graph("Time of a call", [
          gateway.metricDuration({ statistic: "p50" }),
          gateway.metricDuration({ statistic: "p95" }),
        ]),
      ],
      [
        graph(
          "What alarms watch",
          Object.values(watched).map(({ metric }) => metric),
        ),
      ],
    ],
  });
}
