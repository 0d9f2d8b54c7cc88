package org.junit.jupiter.api.extension;

public interface BeforeEachCallback {
  void beforeEach(ExtensionContext context) throws Exception;
}
