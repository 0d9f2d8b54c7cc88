/** A world whose id its test has chosen, at `EMULATOR_URL`; tells where it is. */
class Named {
  public static void main(String[] given) throws Exception {
    Emulator emulator = Emulator.with("{\"providers\": [\"acme\"], \"id\": \"" + given[0] + "\"}");
    emulator.beforeEach(null);
    System.out.println(Emulator.ask("GET", "/worlds/" + given[0], "").contains("\"acme\""));
  }
}
