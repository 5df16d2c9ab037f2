package io.tributary.embedded;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.LoggerFactory;

/** Where the launcher's own log goes: a file, so that the terminal is the user's. */
public final class LauncherLog {
    private LauncherLog() {}

    /**
     * From now on all of this JVM's log lines go to {@code logs/launcher.log} in the data folder and nowhere else: ours from INFO,
     * those of libraries from WARN. For a program's main method; a test keeps the log it has.
     *
     * @return the file
     */
    public static Path into(Path dataDir) throws IOException {
        Path file = dataDir.resolve("logs").resolve("launcher.log");
        Files.createDirectories(dataDir.resolve("logs"));
        if (Files.exists(file) && Files.size(file) > DataDir.LOG_BYTES) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setContext(context);
        lines.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{24} %msg%n");
        lines.start();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setEncoder(lines);
        appender.setFile(file.toString());
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("io.tributary").setLevel(Level.INFO);
        return file;
    }
}
