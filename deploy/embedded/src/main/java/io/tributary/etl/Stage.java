package io.tributary.etl;

/** The stations of a user, in order; each counts the users that have passed it. */
enum Stage {
    CAPTURED("source", "captured"),
    STORED("PostgreSQL", "stored"),
    PUBLISHED("Kafka", "published"),
    COUNTED("Cassandra", "counted");

    private final String place;
    private final String verb;

    Stage(String place, String verb) {
        this.place = place;
        this.verb = verb;
    }

    String place() {
        return place;
    }

    /** What happens to a user there; also the name in JSON. */
    String verb() {
        return verb;
    }

    /** Users, 0 while it is not known. */
    long of(Run.Progress progress) {
        return switch (this) {
            case CAPTURED -> progress.captured();
            case STORED -> progress.stored();
            case PUBLISHED -> progress.published();
            case COUNTED -> Math.max(progress.counted(), 0);
        };
    }
}
