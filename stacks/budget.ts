import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { Stack } from "sst/constructs";
import { namesOf } from "./name.ts";
import { settingsOf } from "./setting.ts";

/**
 * Mails when the account has spent most of `budgetUsd` this month, or is about to spend all of it. Of the whole account:
 * a budget by tag counts nothing until somebody has activated the tag for billing, and nobody would notice.
 */
export function warnOfCosts(stack: Stack): void {
  const { budgetUsd, alarmEmail } = settingsOf(stack);
  if (budgetUsd === undefined || alarmEmail === undefined) return;
  const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notification: {
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
    },
    subscribers: [{ subscriptionType: "EMAIL", address: alarmEmail }],
  });
  new CfnBudget(stack, "budget", {
    budget: {
      budgetName: namesOf(stack.stage).prefix,
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: budgetUsd, unit: "USD" },
    },
    notificationsWithSubscribers: [notify("ACTUAL", 80), notify("FORECASTED", 100)],
  });
}
