package io.tributary.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Cassandra's schema as the resources {@code /cql/V<n>__*.cql} give it, in the order of n. Every statement may be run again. */
public final class CqlScripts {
    private static final String FOLDER = "/cql";

    private CqlScripts() {}

    /** All statements of all scripts. */
    public static List<String> statements() throws IOException {
        URL folder = CqlScripts.class.getResource(FOLDER);
        if (folder == null) {
            throw new IOException("no " + FOLDER + " on the class path");
        }
        URI uri;
        try {
            uri = folder.toURI();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (uri.getScheme().equals("jar")) {
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(jarOf(uri)), Map.of())) {
                return read(jar.getPath(FOLDER));
            }
        }
        return read(Path.of(uri));
    }

    private static URI jarOf(URI entry) {
        String text = entry.getSchemeSpecificPart();
        return URI.create(text.substring(0, text.indexOf("!/")));
    }

    private static List<String> read(Path folder) throws IOException {
        List<Path> scripts;
        try (Stream<Path> files = Files.list(folder)) {
            scripts = files.filter(file -> file.toString().endsWith(".cql"))
                    .sorted(Comparator.comparingInt(CqlScripts::version))
                    .toList();
        }
        List<String> all = new ArrayList<>();
        for (Path script : scripts) {
            try (InputStream in = Files.newInputStream(script)) {
                all.addAll(split(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        return all;
    }

    /** {@code V12__name.cql} is 12. */
    static int version(Path script) {
        String name = script.getFileName().toString();
        if (!name.matches("V[0-9]{1,6}__.*")) {
            throw new IllegalArgumentException(name + ", expected V<number>__<name>.cql");
        }
        return Integer.parseInt(name.substring(1, name.indexOf("__")));
    }

    /** A statement ends with a semicolon at the end of a line; lines that begin with {@code --} are comments. */
    static List<String> split(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : script.lines().toList()) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("--")) {
                continue;
            }
            statement.append(statement.isEmpty() ? "" : "\n");
            if (text.endsWith(";")) {
                statements.add(statement.append(text, 0, text.length() - 1).toString());
                statement.setLength(0);
            } else {
                statement.append(text);
            }
        }
        if (!statement.isEmpty()) {
            throw new IllegalArgumentException("no semicolon after: " + statement);
        }
        return statements;
    }
}
