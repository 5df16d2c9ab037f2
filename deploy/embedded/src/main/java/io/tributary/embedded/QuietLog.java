package io.tributary.embedded;

/** Log settings given to the servers: warnings and errors on standard output, which is the part's log file. */
final class QuietLog {
    /** For Cassandra and ZooKeeper. */
    static final String LOGBACK = """
            <configuration>
              <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level [%thread] %logger{36} %msg%n</pattern></encoder>
              </appender>
              <root level="WARN"><appender-ref ref="OUT"/></root>
            </configuration>
            """;

    /** For Kafka. */
    static final String LOG4J2 = """
            <Configuration status="ERROR" shutdownHook="disable">
              <Appenders>
                <Console name="OUT"><PatternLayout pattern="%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level [%thread] %logger{1.} %msg%n"/></Console>
              </Appenders>
              <Loggers><Root level="WARN"><AppenderRef ref="OUT"/></Root></Loggers>
            </Configuration>
            """;

    private QuietLog() {}
}
