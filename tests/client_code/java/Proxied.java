import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A client that knows of no proxy: what it trusts and calls through, the command says. */
class Proxied {
  public static void main(String[] given) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(given[0])).header("X-API-Key", given[1]).build();
    try {
      HttpResponse<String> reply =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      String success = reply.body().contains("\"success\":true") ? "true" : reply.body();
      System.out.println(reply.statusCode() + " " + success);
    } catch (java.io.IOException error) {
      System.out.println(error.getMessage());
    }
  }
}
