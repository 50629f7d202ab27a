package io.github.steadfastregistry.nacosclient;

/** What the command line says about the one instance that this program is. */
final class Arguments {
  static final String USAGE = "usage: java -jar nacos-client-java.jar SERVER SERVICE IP PORT VERSION";
  private static final int COUNT = 5;
  private static final int PORT_MAX = 65_535;

  /** Host and port of a Nacos server, such as {@code 127.0.0.1:8848}. */
  final String server;

  final String service;
  final String ip;
  final int port;

  /** Goes into the instance's metadata, so that a lookup tells which start of the program it sees. */
  final String version;

  private Arguments(String server, String service, String ip, int port, String version) {
    this.server = server;
    this.service = service;
    this.ip = ip;
    this.port = port;
    this.version = version;
  }

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException with a message for people, when it is not as {@link #USAGE} says
   */
  static Arguments parse(String[] args) {
    if (args.length != COUNT) {
      throw new IllegalArgumentException("expected " + COUNT + " arguments, not " + args.length);
    }
    return new Arguments(args[0], args[1], args[2], port(args[3]), args[4]);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= PORT_MAX) {
        return port;
      }
    } catch (NumberFormatException e) {
      // The message below is right for this too.
    }
    throw new IllegalArgumentException("PORT is '" + text + "', not between 1 and " + PORT_MAX);
  }
}
