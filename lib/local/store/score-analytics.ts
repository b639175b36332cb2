import { formatTime } from '../wire/time.js';
import { bucketOf, bucketStart, type Granularity } from './analytics.js';
import type { Database } from './database.js';
import { percentile } from './latencies.js';
import type { Project } from './projects.js';
import { type ScoreFilter, scoreConditions } from './scores.js';
import { numberOrNull } from './trace-list.js';

const isNumeric = "data_type = 'NUMERIC' AND status = 'SUCCESS'";

/** Each metric added up, by name. Source: OpenAPI, `ScoreSummaryItem`. */
export function scoreSummary(database: Database, project: Project, filter: ScoreFilter) {
  const { where, values } = scoreConditions(project.key, filter);
  const rows = database.all(
    `SELECT name, sum(status = 'SUCCESS') AS well, sum(status = 'FAILED') AS failed, max(created) AS latest,
       json_group_array(CAST(value AS REAL)) FILTER (WHERE ${isNumeric}) AS numbers
     FROM scores WHERE ${where} GROUP BY name ORDER BY name`,
    ...values,
  );
  return rows.map((row) => {
    const numbers = Float64Array.from(JSON.parse(String(row.numbers)) as number[]).sort(); // made by the query
    return {
      metric_name: String(row.name),
      avg_score: numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0) / numbers.length,
      min_score: numbers[0] ?? null,
      max_score: numbers.at(-1) ?? null,
      median_score: percentile(numbers, 0.5),
      success_count: Number(row.well),
      failed_count: Number(row.failed),
      latest_score_at: formatTime(Number(row.latest)),
    };
  });
}

/** The average of one metric over time. Source: OpenAPI, `ScoreTrendItem`. */
export function scoreTrend(database: Database, project: Project, granularity: Granularity, filter: ScoreFilter) {
  const { where, values } = scoreConditions(project.key, filter);
  const rows = database.all(
    `SELECT ${bucketOf('created', granularity)} AS bucket, name, avg(CAST(value AS REAL)) AS average, count(*) AS count
     FROM scores WHERE ${where} AND ${isNumeric} GROUP BY bucket, name ORDER BY bucket`,
    ...values,
  );
  return rows.map((row) => ({
    bucket: bucketStart(row.bucket, granularity),
    metric_name: String(row.name),
    avg_score: numberOrNull(row.average) ?? 0,
    count: Number(row.count),
  }));
}

/**
 * How the values of one metric spread over 0 to 1, in equal buckets from 1 on; 0 holds what lies below and one more
 * what lies above. Empty buckets are left out. Source: OpenAPI, `ScoreDistributionItem`, PostgreSQL's `width_bucket`.
 */
export function scoreDistribution(database: Database, project: Project, buckets: number, filter: ScoreFilter) {
  const { where, values } = scoreConditions(project.key, filter);
  const rows = database.all(
    `SELECT CASE WHEN number < 0 THEN 0 WHEN number >= 1 THEN buckets + 1
       ELSE CAST(number * buckets AS INTEGER) + 1 END AS bucket, count(*) AS count
     FROM (SELECT ? AS buckets, CAST(value AS REAL) AS number FROM scores WHERE ${where} AND ${isNumeric})
     GROUP BY bucket ORDER BY bucket`,
    ...[buckets, ...values],
  );
  return rows.map((row) => {
    const bucket = Number(row.bucket);
    return {
      bucket,
      bucket_min: rounded(Math.max(0, (bucket - 1) / buckets)),
      bucket_max: rounded(Math.min(1, bucket / buckets)),
      count: Number(row.count),
    };
  });
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
