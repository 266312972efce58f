/**
 * `competition.yaml`, field by field: the one description of it. Reading, findings and the JSON Schema for editors
 * (schemas/competition.schema.json) all derive from this. Sources: the public BenchGen reference, and the Codabench v2
 * bundle, whose fields are accepted with their meaning, or kept.
 */
import * as z from "zod";
import { computations, submissionRules } from "./manifest.ts";
import { content, date, flag, index, kept, path, proseCharacters, text } from "./schema-field.ts";

/** Far more than any environment has, and few enough to compare each with each. */
const maxItems = 1000;

const taskReferences = z.array(z.int().min(0)).min(1).max(maxItems);

const page = z
  .looseObject({ title: text("Heading of the tab."), file: path("The page, Markdown or HTML.") })
  .describe("A documentation tab.");

const phase = z
  .looseObject({
    index: index("Orders the phases. Default: the position in the list.").optional(),
    name: text("Shown to participants."),
    description: text("What the phase is for.", proseCharacters).optional(),
    start: date("When the phase opens. Absent: it has always been open.").optional(),
    end: date(
      "When the phase closes; a date alone means the end of that day. Absent: it never closes.",
    ).optional(),
    tasks: taskReferences.describe("The `index` of each task that is evaluated in this phase."),
    execution_time_limit: z
      .number()
      .min(0)
      .default(600)
      .describe("Seconds each program may take. 0 means the default."),
    max_submissions_per_day: limit("a UTC day"),
    max_submissions: limit("the whole phase"),
    hide_output: flag("Hide the programs' logs from participants.", false),
    hide_prediction_output: flag("Hide the ingestion program's output from participants.", false),
    hide_score_output: flag("Hide the scoring program's output from participants.", false),
    starting_kit: content("What participants may download to start from.").optional(),
    public_data: content("Data participants may download.").optional(),
    auto_migrate_to_this_phase: kept("Whether submissions move on to this phase by themselves.").optional(),
    accepts_only_result_submissions: kept("Whether only predictions are accepted.").optional(),
    solutions: kept("Listed at the top level instead.").optional(),
  })
  .describe("A window of time in which tasks can be submitted to.");

const task = z
  .looseObject({
    index: index("What phases and solutions refer to."),
    name: text("Shown to participants."),
    description: text("What is evaluated.", proseCharacters).optional(),
    scoring_program: content("Compares predictions with the reference data and writes scores.json."),
    reference_data: content("The ground truth; only the scoring program sees it.").optional(),
    ingestion_program: content(
      "Runs what was submitted and writes predictions. Absent: predictions are submitted.",
    ).optional(),
    input_data: content("What the ingestion program is given.").optional(),
    ingestion_only_during_scoring: flag("Run both programs at once, over one shared directory.", false),
    docker_image: image("for this task").optional(),
    is_public: kept("Whether others may reuse the task.").optional(),
    solutions: kept("Listed at the top level instead.").optional(),
  })
  .describe("One evaluation problem: its data and its programs.");

const solution = z
  .looseObject({
    index: index("Identifies the solution."),
    path: content("The submission."),
    tasks: taskReferences.describe("The `index` of each task it is a submission to."),
    name: text("Shown beside its scores.").optional(),
    description: text("What it does.", proseCharacters).optional(),
  })
  .describe("An example submission, not the ground truth: it is run before the environment is published.");

const column = z
  .looseObject({
    title: text("Heading of the column."),
    key: text("The key the scoring program writes to scores.json."),
    index: index("Position, and what computation_indexes refer to."),
    sorting: z
      .enum(["asc", "desc"])
      .default("desc")
      .describe("desc: larger is better. asc: smaller is better."),
    computation: z
      .enum(computations)
      .optional()
      .describe("Compute the column from others instead of reading it."),
    computation_indexes: z
      .array(z.int().min(0))
      .max(maxItems)
      .optional()
      .describe("The `index` of each column it is computed from."),
    precision: z.int().min(0).max(100).default(2).describe("Decimals shown. Ranking uses full precision."),
    hidden: flag("Leave the column out of the leaderboard shown.", false),
  })
  .describe("A column of the leaderboard.");

const leaderboard = z
  .looseObject({
    title: text("Heading of the leaderboard."),
    key: text("Identifies the leaderboard."),
    columns: z.array(column).min(1).max(maxItems).describe("What is scored."),
    submission_rule: z
      .enum(submissionRules)
      .optional()
      .describe("Which of a participant's runs are rows. Absent: every successful run."),
    hidden: flag("Show the leaderboard to its owner only.", false),
    primary_index: index("The `index` of the column that ranks first.").default(0),
    index: kept("Orders the leaderboards.").optional(),
  })
  .describe("A ranking of runs.");

const leaderboards = z.array(leaderboard).min(1).max(100);

export const competitionSchema = z
  .looseObject({
    version: z
      .preprocess((value) => (Number(value) === 2 ? 2 : value), z.literal(2))
      .optional()
      .describe("The format's version."),
    title: text("Shown in the catalogue."),
    description: text("One line about the environment.", proseCharacters).optional(),
    image: path("The logo: PNG, JPEG, GIF, WebP or SVG.").optional(),
    terms: path("Terms of use, Markdown or HTML.").optional(),
    contact_email: text("How to reach the organisers.").optional(),
    docker_image: image("for every task that names none").optional(),
    enable_detailed_results: flag("Keep and show the scoring program's detailed_results.html.", false),
    pages: z.array(page).max(maxItems).default([]).describe("Documentation tabs."),
    phases: z.array(phase).min(1).max(maxItems).describe("When, and to what, can be submitted."),
    tasks: z.array(task).min(1).max(maxItems).describe("What is evaluated."),
    solutions: z.array(solution).max(maxItems).default([]).describe("Example submissions."),
    leaderboard: leaderboards.optional().describe("How runs are ranked."),
    leaderboards: leaderboards.optional().describe("The same as `leaderboard`."),
    registration_auto_approve: kept("Whether participants need no approval.").optional(),
    competition_type: kept("`competition` or `benchmark`.").optional(),
    fact_sheet: kept("Questions asked with a submission.").optional(),
    queue: kept("Where upstream runs submissions.").optional(),
    reward: kept("What can be won.").optional(),
    forum_enabled: kept("Whether there is a forum.").optional(),
    make_programs_available: kept("Whether participants may download the programs.").optional(),
    make_input_data_available: kept("Whether participants may download the input data.").optional(),
    auto_run_submissions: kept("Whether submissions run by themselves.").optional(),
    can_participants_make_submissions_public: kept(
      "Whether participants may publish submissions.",
    ).optional(),
    show_detailed_results_in_submission_panel: kept("Where detailed results are shown.").optional(),
    show_detailed_results_in_leaderboard: kept("Where detailed results are shown.").optional(),
  })
  .describe("An evaluation environment: its data, programs, phases and leaderboards.");

/** The document once its fields have been read: defaults filled in, nothing cross-checked yet. */
export type Competition = z.infer<typeof competitionSchema>;

function image(scope: string) {
  return text(`The container image programs run in, ${scope}: python:3.12-slim.`);
}

function limit(period: string) {
  return z
    .int()
    .min(0)
    .optional()
    .describe(`Submissions per participant in ${period}. 0 or absent: unlimited.`);
}
