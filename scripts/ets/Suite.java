import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.util.List;
import org.apache.xerces.util.XMLCatalogResolver;
import org.opengis.cite.iso19142.TestNGController;

/**
 * Runs the suite, for which args are, so that it needs no network. It validates answers against the official schemas by
 * their addresses, and has copies of them, but forgets its catalogue of these after the first test
 * (BasicGetFeatureTests.resetValidator). What the catalogue has is therefore given out in place of the addresses' servers.
 */
public class Suite {
    private static final String CATALOG = "/org/opengis/cite/iso19142/schema-catalog.xml";
    private static final XMLCatalogResolver catalog =
        new XMLCatalogResolver(new String[] {TestNGController.class.getResource(CATALOG).toString()});

    public static void main(String[] args) throws Exception {
        HttpServer copies = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        copies.createContext("/", Suite::give);
        copies.start();
        ProxySelector.setDefault(new Detour(new Proxy(Proxy.Type.HTTP, copies.getAddress()), ProxySelector.getDefault()));
        TestNGController.main(args);
        copies.stop(0);
    }

    private static void give(HttpExchange exchange) throws IOException {
        try (exchange; InputStream copy = new URL(catalog.resolveSystem(exchange.getRequestURI().toString())).openStream()) {
            byte[] schema = copy.readAllBytes();
            exchange.sendResponseHeaders(200, schema.length);
            exchange.getResponseBody().write(schema);
        }
    }

    /** Leads to the copies what there are copies of. */
    private static class Detour extends ProxySelector {
        private final Proxy copies;
        private final ProxySelector others;

        Detour(Proxy copies, ProxySelector others) {
            this.copies = copies;
            this.others = others;
        }

        @Override
        public List<Proxy> select(URI address) {
            try {
                return catalog.resolveSystem(address.toString()) == null ? others.select(address) : List.of(copies);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void connectFailed(URI address, SocketAddress at, IOException why) {
            others.connectFailed(address, at, why);
        }
    }
}
