import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QuotaTest {
  @RegisterExtension
  final Emulator emulator = Emulator.with("""
      {"providers": ["jobriver"], "clock": "frozen 2026-03-02T10:00:00Z",
       "scenario": "jobriver/rate_limited"}""");

  @Test
  void aSpentQuotaIsBackAfterTheMinute() throws Exception {
    HttpResponse<String> spent = list();
    assertEquals(429, spent.statusCode());

    emulator.advance(spent.headers().firstValue("Retry-After").orElseThrow() + "s"); // no test sleeps

    assertEquals(200, list().statusCode());
    emulator.verify("{\"operation\": \"listJobs\", \"times\": 2}");
  }

  private HttpResponse<String> list() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(emulator.url("jobriver") + "/jobs"))
        .header("X-API-Key", emulator.credential("jobriver", "full")).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
