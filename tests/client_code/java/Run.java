import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Calls the extension as JUnit does: a test that passes, and one that fails. */
class Run {
  public static void main(String[] given) throws Exception {
    Emulator emulator = Emulator.with("""
        {"providers": ["jobriver"], "clock": "frozen", "scenario": "jobriver/rate_limited"}""");
    emulator.beforeEach(null);
    HttpRequest request = HttpRequest.newBuilder(URI.create(emulator.url("jobriver") + "/jobs"))
        .header("X-API-Key", emulator.credential("jobriver", "full")).build();
    HttpClient client = HttpClient.newHttpClient();
    System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    emulator.advance("61s");
    emulator.fault("{\"provider\": \"jobriver\", \"operation\": \"listJobs\", \"status\": 503}");
    System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    emulator.verify("{\"operation\": \"listJobs\", \"times\": 2}");
    System.out.println(failure(() -> emulator.url("jobrivver")).getMessage().split(" ", 3)[2]);
    emulator.afterEach(new Failed(failure(() -> emulator.verify("{\"operation\": \"createJob\"}"))));
    failure(emulator::explained);
    System.out.println("gone");
    Emulator misspelt = Emulator.with("{\"provider\": []}");
    Throwable refused = failure(() -> misspelt.beforeEach(null));
    misspelt.afterEach(new Failed(refused));
    System.out.println(refused.getMessage().contains("did you mean 'providers'?"));
  }

  private static Throwable failure(Runnable asked) {
    try {
      asked.run();
    } catch (AssertionError error) {
      return error;
    }
    throw new IllegalStateException("it has not failed");
  }

  record Failed(Throwable failure) implements ExtensionContext {
    @Override
    public Optional<Throwable> getExecutionException() {
      return Optional.of(failure);
    }

    @Override
    public void publishReportEntry(String key, String value) {
      System.out.println(failure.getMessage().contains("expected that createJob came"));
      System.out.println(key + ": " + value.lines().filter(line -> line.startsWith("#")).count());
    }
  }
}
