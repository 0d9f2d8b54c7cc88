import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One file to copy into your project: a world of a running emulator for each test of JUnit 5.
 * It needs Java 17 and no library. How to use it: docs/how-to/test-from-java.md
 *
 * <pre>
 * &#64;RegisterExtension
 * Emulator emulator = Emulator.with("{\"providers\": [\"acme\"], \"clock\": \"frozen\"}");
 * </pre>
 */
public final class Emulator implements BeforeEachCallback, AfterEachCallback {
  private static final String URL = variable("EMULATOR_URL", "http://127.0.0.1:8080").replaceAll("/+$", "");
  private static final String TOKEN = token();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([A-Za-z0-9._-]+)\"");
  private static final Pattern ADDRESS = Pattern.compile("\"([^\"]+)\":\\{\"base_url\":\"([^\"]+)\"");

  private final String options;
  private String made;
  private String id;

  private Emulator(String options) {
    this.options = options;
  }

  /** Worlds that begin as these options say: JSON, as POST /_emulator/worlds takes it. */
  public static Emulator with(String options) {
    return new Emulator(options);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    id = null;
    made = ask("POST", "/worlds", options);
    id = idIn(made).orElseThrow();
  }

  /** A test that has failed tells what it called, and why it was answered so. */
  @Override
  public void afterEach(ExtensionContext context) {
    if (id == null) {
      return; // beforeEach has failed: there is no world
    }
    if (context.getExecutionException().isPresent()) {
      context.publishReportEntry("emulator", explained());
    }
    ask("DELETE", "/worlds/" + id, "");
  }

  /** Where the calls of a provider go. */
  public String url(String provider) {
    List<String> names = new ArrayList<>();
    for (Matcher each = ADDRESS.matcher(made); each.find(); names.add(each.group(1))) {
      if (each.group(1).equals(provider)) {
        return each.group(2);
      }
    }
    throw new AssertionError("world " + id + " has no provider '" + provider + "': there are " + String.join(", ", names));
  }

  /** The value of a credential: {@code credential("acme", "expired")}. */
  public String credential(String provider, String name) {
    return of("GET", "/credentials/" + provider + "/" + name + "?format=text", "").strip();
  }

  /** Put the world into a situation: {@code apply("acme/rate_limited")}. */
  public void apply(String scenario) {
    of("POST", "/scenarios/" + scenario, "");
  }

  /** Move time: {@code advance("61s")}. */
  public void advance(String length) {
    of("PATCH", "/clock", "{\"advance\": \"" + length + "\"}");
  }

  /** Have calls go wrong: JSON, as POST /_emulator/worlds/{world}/faults takes it. */
  public void fault(String rule) {
    of("POST", "/faults", rule);
  }

  /** Check that calls came: {@code verify("{\"operation\": \"listThings\", \"times\": 2}")}. */
  public void verify(String expected) {
    of("POST", "/journal/verify?strict=true", expected);
  }

  /** All calls, explained step by step. */
  public String explained() {
    return of("GET", "/journal?format=text", "");
  }

  /** What the admin API answers about this world. */
  public String of(String method, String path, String body) {
    return ask(method, "/worlds/" + id + path, body);
  }

  /** What the admin API answers; what it refuses is an AssertionError that says why. */
  public static String ask(String method, String path, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(URL + "/_emulator" + path));
    if (!TOKEN.isEmpty()) {
      request.header("Authorization", "Bearer " + TOKEN);
    }
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (path.equals("/worlds")) {
      // A proxy that shares worlds among processes reads no body: it goes by the header.
      idIn(body).ifPresent(world -> request.header("X-Emulator-World", world));
    }
    request.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    try {
      HttpResponse<String> reply = CLIENT.send(request.build(), BodyHandlers.ofString());
      if (reply.statusCode() >= 400) {
        throw new AssertionError(method + " " + path + ": " + reply.body());
      }
      return reply.body();
    } catch (IOException error) {
      throw new AssertionError("no emulator answers at " + URL + ": start one with `emulator serve`", error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new AssertionError(error);
    }
  }

  private static String variable(String name, String usual) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? usual : value.strip();
  }

  private static String token() {
    String file = variable("EMULATOR_ADMIN_TOKEN_FILE", "");
    String token = variable("EMULATOR_ADMIN_TOKEN", "");
    if (!token.isEmpty() || file.isEmpty()) {
      return token;
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException error) {
      throw new UncheckedIOException("EMULATOR_ADMIN_TOKEN_FILE cannot be read", error);
    }
  }

  private static Optional<String> idIn(String json) {
    return ID.matcher(json).results().findFirst().map(found -> found.group(1));
  }
}
