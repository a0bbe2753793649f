import FoundationEssentials
import Glibc
import Posix

/// Why a page did not become a PDF: one line.
public enum PrinterError: Error, Equatable, Sendable, CustomStringConvertible {
  case system(SystemError)
  /// No Chromium on this machine.
  case absent
  /// The browser's own last words.
  case failed(program: String, why: String)

  public var description: String {
    switch self {
    case .system(let error):
      error.description
    case .absent:
      "a PDF is printed by Chromium, and there is none here: install it (apt-get install chromium), or write a "
        + ".html file and print that from any browser"
    case .failed(let program, let why):
      "\(program) printed no PDF: \(why); write a .html file and print that from a browser"
    }
  }
}

/// Prints pages to PDF, as a browser would on paper.
public enum PaperPrinter {
  /// In the order in which they are looked for.
  private static let programs = ["chromium", "chromium-browser", "google-chrome", "chrome"]

  /// The PDF of a page that fetches nothing. The browser runs without a window, a profile or a network name of ours,
  /// in a directory that goes with it.
  public static func pdf(of document: String) throws(PrinterError) -> [UInt8] {
    let directory: String
    do throws(SystemError) { directory = try Files.makeTemporaryDirectory("firstword-card") } catch {
      throw .system(error)
    }
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (page, pdf) = ("\(directory)/page.html", "\(directory)/page.pdf")
    do throws(SystemError) { try Files.replace(page, with: Array(document.utf8)) } catch { throw .system(error) }
    var arguments = [
      "--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=\(directory)/profile", "--no-pdf-header-footer",
      "--print-to-pdf=\(pdf)", "file://\(page)",
    ]
    // Chromium's sandbox refuses root, and here it shows a page of our own making.
    if geteuid() == 0 { arguments.insert("--no-sandbox", at: 0) }
    for program in programs {
      let outcome: Child.Outcome
      do throws(SystemError) { outcome = try Child.run(program, arguments, seconds: 300) } catch {
        if error.code == ENOENT { continue }
        throw .system(error)
      }
      if let bytes = try? Files.read(pdf), bytes.starts(with: Array("%PDF".utf8)) { return bytes }
      let last = outcome.output.split(separator: "\n").last.map(String.init) ?? "exit status \(outcome.code)"
      throw .failed(program: program, why: String(last.prefix(200)))
    }
    throw .absent
  }
}
