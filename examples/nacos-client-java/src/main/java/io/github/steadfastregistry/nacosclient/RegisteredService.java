package io.github.steadfastregistry.nacosclient;

import com.alibaba.nacos.api.PropertyKeyConst;
import com.alibaba.nacos.api.exception.NacosException;
import com.alibaba.nacos.api.naming.NamingFactory;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.PreservedMetadataKeys;
import com.alibaba.nacos.api.naming.pojo.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * A service that does nothing but stay registered, through the stock Nacos client.
 *
 * <p>The client's own threads send the beats; this program never asks for its state and never says whether it is
 * enabled. It ends when its standard input ends, or on SIGTERM, and then takes itself out as a well-behaved service
 * does. SIGKILL is the other kind of end.
 */
public final class RegisteredService {
  // Shorter than Nacos' 5, 15 and 30 seconds, so that nobody has to wait long to see an instance go. A server that does
  // not know an instance (code 20404) lets the client pause for 5 seconds; that must not count as silence.
  private static final String BEAT_INTERVAL_MS = "1000";
  private static final String UNHEALTHY_AFTER_MS = "6000";
  private static final String GONE_AFTER_MS = "8000";

  private RegisteredService() {}

  /** Registers the instance and keeps it so; see {@link Arguments#USAGE}. */
  public static void main(String[] args) throws NacosException, IOException {
    Arguments arguments;
    try {
      arguments = Arguments.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(Arguments.USAGE);
      System.exit(2);
      return;
    }
    register(arguments);
    waitForEndOf(System.in);
    // The client's threads would keep the process alive. Leaving goes through the hook, as on SIGTERM.
    System.exit(0);
  }

  private static void register(Arguments arguments) throws NacosException {
    NamingService naming = NamingFactory.createNamingService(clientOf(arguments.server));
    Instance instance = instanceOf(arguments);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(naming, arguments.service, instance)));
    naming.registerInstance(arguments.service, instance);
    System.out.println(
        "registered " + arguments.service + " at " + instance.toInetAddr() + ", version " + arguments.version);
  }

  private static Properties clientOf(String server) {
    Properties properties = new Properties();
    properties.setProperty(PropertyKeyConst.SERVER_ADDR, server);
    return properties;
  }

  private static Instance instanceOf(Arguments arguments) {
    Instance instance = new Instance();
    instance.setIp(arguments.ip);
    instance.setPort(arguments.port);
    instance.addMetadata("version", arguments.version);
    instance.addMetadata(PreservedMetadataKeys.HEART_BEAT_INTERVAL, BEAT_INTERVAL_MS);
    instance.addMetadata(PreservedMetadataKeys.HEART_BEAT_TIMEOUT, UNHEALTHY_AFTER_MS);
    instance.addMetadata(PreservedMetadataKeys.IP_DELETE_TIMEOUT, GONE_AFTER_MS);
    return instance;
  }

  private static void waitForEndOf(InputStream in) throws IOException {
    byte[] ignored = new byte[256];
    while (in.read(ignored) >= 0) {
      // What is typed means nothing; only the end does.
    }
  }

  private static void leave(NamingService naming, String service, Instance instance) {
    try {
      naming.deregisterInstance(service, instance);
      naming.shutDown();
    } catch (NacosException e) {
      // The server is gone; the beats end with this process anyway.
      System.err.println("left without a word to the server: " + e.getErrMsg());
    }
  }
}
