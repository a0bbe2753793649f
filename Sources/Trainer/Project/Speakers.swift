import Catalogue
import Diagnostics
import Glibc
import Posix

/// The speakers of a project, `speakers.yaml`. Each directory of recordings belongs to one speaker.
public struct Speakers: Equatable, Sendable {
  /// The file name in a project's directory.
  public static let name = "speakers.yaml"

  /// The entries in the order of the file.
  public var all: [Speaker]

  /// Creates a list of speakers from its entries.
  public init(_ all: [Speaker] = []) { self.all = all }

  /// Returns the speaker of `recordings/<language>/<voice>`, or nil if none is listed.
  public func speaker(of language: String, voice: String) -> Speaker? {
    all.first { $0.language == language && $0.voice == voice }
  }

  /// Reads and validates the file; there are no speakers if there is no file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - tags: the tags of all languages of the catalogue.
  /// - Throws: ``DiagnosticsError`` with every error in the file.
  public static func read(_ path: String, tags: [String]) throws(DiagnosticsError) -> Speakers {
    if !Files.exists(path) { return Speakers() }
    let log = DiagnosticLog()
    let speakers = YAMLFile.read(path, log: log).flatMap { Speakers($0, tags: tags) }
    try log.throwErrors()
    return speakers ?? Speakers()
  }

  /// The content of a new `speakers.yaml`, with comments that explain it.
  public static let template = """
    # The speakers of the recordings. A recording without a consenting speaker is for trials only.
    # Use pseudonyms: the real names are only on the signed consent forms, which are kept elsewhere.
    #
    # speakers:
    #   - pseudonym: "Iris"
    #     language: "ro"                 # her recordings are in recordings/ro/f1
    #     voice: f1                      # f1 the first woman, m1 the first man; f2, m2 ...
    #     child-friendly: true           # the voice suits children
    #     consent: 2026-04-30            # the day on which the consent form was signed
    #     licence: "for first-contact kits only"
    #     contact: "voices@example.org"  # where to request a take-down
    #
    # `firstword takedown Iris --yes` adds `withdrawn:` with the day, and removes her recordings.

    speakers: []

    """
}

extension Speakers {
  fileprivate init?(_ root: Field, tags: [String]) {
    guard let list = root.mapping(["speakers"])?["speakers"]?.list(0...1000) else { return nil }
    self.init(list.compactMap { Speaker($0, tags: tags) })
    for (index, speaker) in all.enumerated() {
      guard let first = all[..<index].first(where: { $0.language == speaker.language && $0.voice == speaker.voice })
      else { continue }
      root.log.add(
        Diagnostic(
          path: root.file, line: speaker.line,
          message:
            "\(speaker.language)/\(speaker.voice) is the voice of '\(first.pseudonym)' too, in line \(first.line)",
          remedy: "give each speaker a different voice, such as f2"))
    }
  }
}

// MARK: - Withdrawing consent

extension Speakers {
  /// Returns all entries of one person.
  public func entries(of pseudonym: String) -> [Speaker] {
    all.filter { PersonName($0.pseudonym) == PersonName(pseudonym) }
  }

  /// Writes the day of withdrawal into each of the person's entries that has none. The rest of the file does not
  /// change, and the file is replaced atomically.
  ///
  /// - Throws: ``DiagnosticsError`` if the file cannot be read or written, or if an entry has a form that cannot be
  ///   edited, such as `{…}`.
  public static func withdraw(
    _ pseudonym: String, on day: String, in path: String, tags: [String]
  ) throws(DiagnosticsError) {
    let speakers = try read(path, tags: tags)
    let due = speakers.entries(of: pseudonym).filter { $0.withdrawn == nil }
    if due.isEmpty { return }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: YAMLFile.limit) } catch {
      throw DiagnosticsError([.unreadable(path, error)])
    }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    for speaker in due.sorted(by: { $0.line > $1.line }) {
      let first = lines[speaker.line - 1]
      // All keys of the entry have the indentation of the first one, which follows the dash.
      let indentation = first.prefix { $0 == 0x20 || $0 == UInt8(ascii: "-") }.count
      lines.insert(
        Array((String(repeating: " ", count: indentation) + "withdrawn: \(day)").utf8)
          + (first.last == 0x0D ? [0x0D] : []), at: speaker.line)
    }
    let edited = Array(lines.joined(separator: [0x0A]))
    var expected = speakers
    for index in expected.all.indices where due.contains(expected.all[index]) { expected.all[index].withdrawn = day }
    let parsed = YAMLFile.parse(edited, file: path, log: DiagnosticLog()).flatMap { Speakers($0, tags: tags) }
    guard let parsed, parsed.withoutLines == expected.withoutLines else {
      throw DiagnosticsError([
        Diagnostic(
          path: path, line: due[0].line, message: "the entry of '\(pseudonym)' has a form that cannot be edited",
          remedy: "add 'withdrawn: \(day)' to it yourself, and run this again")
      ])
    }
    do throws(SystemError) { try Files.replace(path, with: edited) } catch {
      throw DiagnosticsError([
        Diagnostic(path: path, message: "cannot be written: \(error.cause)", remedy: "nothing was changed; try again")
      ])
    }
  }

  private var withoutLines: [Speaker] {
    all.map { speaker in
      var speaker = speaker
      speaker.line = 0
      return speaker
    }
  }
}
