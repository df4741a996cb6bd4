import java.io.File;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXParseException;

/** Validates an XML file against the DTD it names; fails with the first error. */
public class Validate {
    public static void main(String[] arguments) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setValidating(true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(new ErrorHandler() {
            public void warning(SAXParseException found) throws SAXParseException { throw found; }
            public void error(SAXParseException found) throws SAXParseException { throw found; }
            public void fatalError(SAXParseException found) throws SAXParseException { throw found; }
        });
        builder.parse(new File(arguments[0]));
    }
}
