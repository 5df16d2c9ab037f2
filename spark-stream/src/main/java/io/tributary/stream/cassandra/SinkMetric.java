package io.tributary.stream.cassandra;

import java.util.Arrays;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomSumMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/**
 * What the sink tells Spark's own metrics system about each write. Spark asks a task for the last time before its commit, so
 * what happens while that waits for answers is not in them. Spark makes these by name, so each is public and has no arguments.
 */
public final class SinkMetric {
    static final String WRITES = "cassandraWrites";
    static final String RETRIES = "cassandraRetries";
    static final String IN_FLIGHT = "cassandraInFlight";
    static final String LATENCY = "cassandraLatency";

    private SinkMetric() {}

    static CustomMetric[] all() {
        return new CustomMetric[] {new Writes(), new Retries(), new MostInFlight(), new MeanLatency()};
    }

    static CustomTaskMetric of(String name, long value) {
        return new CustomTaskMetric() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long value() {
                return value;
            }
        };
    }

    /** Statements sent, each once. */
    public static final class Writes extends CustomSumMetric {
        @Override
        public String name() {
            return WRITES;
        }

        @Override
        public String description() {
            return "statements sent to Cassandra";
        }
    }

    /** Times a statement was sent again. */
    public static final class Retries extends CustomSumMetric {
        @Override
        public String name() {
            return RETRIES;
        }

        @Override
        public String description() {
            return "times a statement was sent again";
        }
    }

    /** The most that any task had in flight at once. */
    public static final class MostInFlight implements CustomMetric {
        @Override
        public String name() {
            return IN_FLIGHT;
        }

        @Override
        public String description() {
            return "most statements of a task without an answer";
        }

        @Override
        public String aggregateTaskMetrics(long[] values) {
            return Long.toString(Arrays.stream(values).max().orElse(0));
        }
    }

    /** From the first sending of a statement to its answer, retries within; each task's mean, then the mean of those. */
    public static final class MeanLatency implements CustomMetric {
        @Override
        public String name() {
            return LATENCY;
        }

        @Override
        public String description() {
            return "mean microseconds until a statement was answered";
        }

        @Override
        public String aggregateTaskMetrics(long[] values) {
            return Long.toString(Math.round(
                    Arrays.stream(values).filter(v -> v > 0).average().orElse(0)));
        }
    }
}
