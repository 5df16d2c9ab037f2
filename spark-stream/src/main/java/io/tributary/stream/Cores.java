package io.tributary.stream;

import org.apache.spark.sql.SparkSession;

/** Tasks that Spark runs for us at the same time. */
record Cores(int most) {
    /** What the session may take of a cluster, or has where all is in one process. */
    static Cores of(SparkSession spark) {
        String ofCluster = spark.conf().get("spark.cores.max", "");
        return new Cores(ofCluster.isEmpty() ? spark.sparkContext().defaultParallelism() : Integer.parseInt(ofCluster));
    }

    /** In real-time mode a task for each partition never ends: one that waits for a core would wait for ever. */
    void refuseTooFewFor(TopicFacts topic) throws StartRefused {
        int wanted = topic.partitions() + 1;
        if (most < wanted) {
            throw new StartRefused("real-time mode holds a core for each of the " + topic.partitions()
                    + " partitions of topic " + topic.name() + " and the counter needs one: " + most
                    + " cores, expected " + wanted
                    + "; give STREAM_MASTER or spark.cores.max more, or leave STREAM_REAL_TIME out");
        }
    }
}
