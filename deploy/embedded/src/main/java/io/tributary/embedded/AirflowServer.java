package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One process of Airflow. */
record AirflowServer(
        Part part, DataDir dataDir, Step before, List<String> command, Map<String, String> environment, Step ready)
        implements Server {
    /** Python takes seconds of CPU to load Airflow in each of four processes, beside everything else that starts. */
    private static final Supervisor.Patience SLOW =
            new Supervisor.Patience(Duration.ofMinutes(5), Duration.ofMillis(500));

    /** Something that is done or asked; it throws where it can not be, or is not yet so. */
    interface Step {
        void take() throws Exception;
    }

    @Override
    public void prepare() throws Exception {
        Files.createDirectories(dataDir.of(part));
        before.take();
    }

    @Override
    public void awaken() throws Exception {
        ready.take();
    }

    @Override
    public Supervisor.Patience patience() {
        return SLOW;
    }
}
