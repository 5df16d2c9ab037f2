package io.tributary.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** What a user does with Airflow, through its public API. */
record AirflowApi(URI base, String token) {
    private static final Duration ANSWER = Duration.ofSeconds(20);

    static AirflowApi login(URI base, String user, String password) throws IOException, InterruptedException {
        String body = Http.JSON
                .createObjectNode()
                .put("username", user)
                .put("password", password)
                .toString();
        HttpRequest.Builder asked = asked(URI.create(base + "/auth/token"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        String token = Http.JSON
                .readTree(Http.text(asked, ANSWER, 201))
                .get("access_token")
                .asText();
        return new AirflowApi(base, token);
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return ask("GET", path, null, 200);
    }

    void patch(String path, ObjectNode body) throws IOException, InterruptedException {
        ask("PATCH", path, body, 200);
    }

    void paused(String dag, boolean paused) throws IOException, InterruptedException {
        patch("/dags/" + dag, object().put("is_paused", paused));
    }

    /** Starts a DAG by hand for the window that ends at this instant; gives the id of the DAG run. */
    String start(String dag, Instant windowEnd, ObjectNode conf) throws IOException, InterruptedException {
        String id = "test-" + UUID.randomUUID();
        ObjectNode body = object().put("dag_run_id", id).put("logical_date", windowEnd.toString());
        body.set("conf", conf);
        ask("POST", "/dags/" + dag + "/dagRuns", body, 200);
        return id;
    }

    /** The answer to wrong parameters. */
    String refused(String dag, ObjectNode conf) throws IOException, InterruptedException {
        ObjectNode body = object().put("logical_date", Instant.now().toString());
        body.set("conf", conf);
        return ask("POST", "/dags/" + dag + "/dagRuns", body, 400).toString();
    }

    String stateOf(String dag, String dagRun) throws IOException, InterruptedException {
        return get("/dags/" + dag + "/dagRuns/" + dagRun).get("state").asText();
    }

    JsonNode task(String dag, String dagRun, String task) throws IOException, InterruptedException {
        return get("/dags/" + dag + "/dagRuns/" + dagRun + "/taskInstances/" + task);
    }

    /** "" while the task has no state yet. */
    String stateOf(String dag, String dagRun, String task) throws IOException, InterruptedException {
        return task(dag, dagRun, task).get("state").asText("").replace("null", "");
    }

    void mark(String dag, String dagRun, String task, String state) throws IOException, InterruptedException {
        patch("/dags/" + dag + "/dagRuns/" + dagRun + "/taskInstances/" + task, object().put("new_state", state));
    }

    /** Clears a task and what comes after it, as the button does. */
    void clear(String dag, String dagRun, String task) throws IOException, InterruptedException {
        ObjectNode body = object().put("dry_run", false)
                .put("dag_run_id", dagRun)
                .put("only_failed", false)
                .put("include_downstream", true)
                .put("reset_dag_runs", true);
        body.putArray("task_ids").add(task);
        ask("POST", "/dags/" + dag + "/clearTaskInstances", body, 200);
    }

    /** What the task gave; told as it is stored, which may be JSON within JSON. */
    JsonNode result(String dag, String dagRun, String task) throws IOException, InterruptedException {
        JsonNode value = get("/dags/" + dag + "/dagRuns/" + dagRun + "/taskInstances/" + task
                        + "/xcomEntries/return_value")
                .get("value");
        return value.isTextual() ? Http.JSON.readTree(value.asText()) : value;
    }

    /** What the asset event of a DAG run tells. */
    JsonNode assetEvent(String dagRun) throws IOException, InterruptedException {
        String source = URLEncoder.encode(dagRun, StandardCharsets.UTF_8);
        return get("/assets/events?source_run_id=" + source)
                .get("asset_events")
                .get(0)
                .get("extra");
    }

    String log(String dag, String dagRun, String task, int attempt) throws IOException, InterruptedException {
        return get("/dags/" + dag + "/dagRuns/" + dagRun + "/taskInstances/" + task + "/logs/" + attempt
                        + "?full_content=true")
                .toString();
    }

    static ObjectNode object() {
        return Http.JSON.createObjectNode();
    }

    private JsonNode ask(String method, String path, ObjectNode body, int status)
            throws IOException, InterruptedException {
        HttpRequest.Builder asked = asked(URI.create(base + "/api/v2" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
        return Http.JSON.readTree(Http.text(asked, ANSWER, status));
    }

    /** Airflow's server refuses a request with a body that also offers HTTP/2. */
    private static HttpRequest.Builder asked(URI uri) {
        return HttpRequest.newBuilder(uri).version(HttpClient.Version.HTTP_1_1);
    }
}
