import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A day's work with the client of the JDK as it comes: it offers h2c with each request. */
class Day {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  static String root;

  public static void main(String[] given) throws Exception {
    root = given[0];
    String world = said("POST", "/_emulator/worlds", Map.of(),
        "{\"id\": \"java\", \"providers\": [\"jobriver\"], \"clock\": \"frozen\"}");
    String key = find("\"name\": ?\"full\".*?\"value\": ?\"([^\"]+)\"", world);
    Map<String, String> own = Map.of("X-API-Key", key);
    String job = said("POST", "/jobriver/api/v1/jobs", own,
        "{\"title\": \"Backend Developer\", \"location\": \"Berlin\", \"description\":"
            + " \"Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.\"}");
    String path = "/jobriver/api/v1/jobs/" + find("\"id\": ?([0-9]+)", job);
    said("PATCH", path, own, "{\"title\": \"Frontend Developer\"}");
    System.out.println(find("\"title\": ?\"([^\"]+)\"", said("GET", path, own, "")));
    said("PATCH", "/_emulator/worlds/java/clock", Map.of(), "{\"advance\": \"1h\"}");
    said("DELETE", path, own, "");
    said("GET", path, own, "");
    said("POST", "/_emulator/worlds/java/reset", Map.of(), "{}");
    said("DELETE", "/_emulator/worlds/java", Map.of(), "");
    System.out.println(find("\"id\": ?\"([^\"]+)\"", world));
  }

  static String said(String method, String path, Map<String, String> headers, String body)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path));
    headers.forEach(request::header);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    request.method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofString(body));
    HttpResponse<String> answer =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    String connection = answer.headers().firstValue("Connection").orElse("kept");
    System.out.println(method + " " + answer.statusCode() + " " + connection);
    return answer.body();
  }

  static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
    return matcher.find() ? matcher.group(1) : "nothing like " + pattern + " in " + text;
  }
}
