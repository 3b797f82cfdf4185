import javassist.ClassPool;
import javassist.CtClass;
import javassist.CtMethod;

/**
 * Writes into the directory args[0] a javax.imageio.spi.ServiceRegistry that, as before Java 9, takes any class. The
 * suite's geometry library (Geotoolkit 3) keeps all its factories in one and can't start without.
 */
public class ServiceRegistryPatch {
    public static void main(String[] args) throws Exception {
        CtClass registry = ClassPool.getDefault().get("javax.imageio.spi.ServiceRegistry");
        registry.getDeclaredMethod("checkClassAllowed").setBody("{}");
        for (CtMethod lookup : registry.getDeclaredMethods("lookupProviders")) {
            lookup.insertBefore("javax.imageio.spi.ServiceRegistry.class.getModule().addUses($1);");
        }
        registry.writeFile(args[0]);
    }
}
