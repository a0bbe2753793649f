import FoundationEssentials
import Glibc
import Posix

/// Why a page could not be printed to PDF.
public enum PDFPrinterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file or process operation failed.
  case system(SystemError)
  /// No Chromium is installed.
  case absent
  /// The browser wrote no PDF; `reason` is the last line of its output.
  case failed(program: String, reason: String)

  /// One line: what happened, and what to do.
  public var description: String {
    switch self {
    case .system(let error):
      error.description
    case .absent:
      "Chromium prints the PDF and is not installed: install it (apt-get install chromium), or write a .html file "
        + "and print it from any browser"
    case .failed(let program, let reason):
      "\(program) printed no PDF: \(reason); write a .html file and print it from a browser"
    }
  }
}

/// Prints pages to PDF with Chromium.
public enum PDFPrinter {
  /// Names of the browser, in order of preference.
  private static let programs = ["chromium", "chromium-browser", "google-chrome", "chrome"]

  /// Whether one of the browsers is in a directory of PATH.
  public static var isInstalled: Bool {
    let places = getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    return places.contains { place in
      programs.contains { access(Path(place).appending($0).string, X_OK) == 0 }
    }
  }

  /// Prints a document. The browser runs without a window and with an empty profile, in a temporary directory that is
  /// removed. It is killed after five minutes.
  ///
  /// - Parameter document: a self-contained HTML page.
  /// - Returns: the PDF file.
  /// - Throws: where no browser is installed, or it wrote no PDF.
  public static func pdf(of document: String) throws(PDFPrinterError) -> [UInt8] {
    let directory = try mapError(PDFPrinterError.system, Files.makeTemporaryDirectory("firstword-card"))
    defer { try? FileManager.default.removeItem(atPath: directory.string) }
    let (page, pdf) = (directory.appending("page.html"), directory.appending("page.pdf"))
    try mapError(PDFPrinterError.system, Files.replace(page, with: Array(document.utf8)))
    var arguments = [
      "--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=\(directory)/profile", "--no-pdf-header-footer",
      "--print-to-pdf=\(pdf)", "file://\(page)",
    ]
    // Chromium's sandbox refuses to run as root. The page is our own, so it is safe without.
    if geteuid() == 0 { arguments.insert("--no-sandbox", at: 0) }
    for program in programs {
      let outcome: ChildProcess.Outcome
      do throws(SystemError) { outcome = try ChildProcess.run(program, arguments, seconds: 300) } catch {
        if error.code == ENOENT { continue }
        throw .system(error)
      }
      if let bytes = try? Files.read(pdf), bytes.starts(with: Array("%PDF".utf8)) { return bytes }
      let last = outcome.output.split(separator: "\n").last.map(String.init) ?? "exit status \(outcome.code)"
      throw .failed(program: program, reason: String(last.prefix(200)))
    }
    throw .absent
  }
}
