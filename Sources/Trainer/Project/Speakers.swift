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
  /// Reads the list from the file's root; nil, or an incomplete list, after an error.
  init?(_ root: Field, tags: [String]) {
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
  ///   edited, such as an alias.
  public static func withdraw(
    _ pseudonym: String, on day: String, in path: String, tags: [String]
  ) throws(DiagnosticsError) {
    let speakers = try read(path, tags: tags)
    let due = speakers.entries(of: pseudonym).filter { $0.withdrawn == nil }
    try enter(["withdrawn: \(day)"], in: due, of: speakers, path, tags: tags) { $0.withdrawn = day }
  }

  /// Writes the key of a speaker's browser and the hash of the withdrawal code into the entry of that language and
  /// voice. The rest of the file does not change, and the file is replaced atomically.
  ///
  /// - Parameters:
  ///   - speaker: the entry as it shall be, with a key and a hash.
  ///   - path: the file.
  ///   - tags: the tags of all languages of the catalogue.
  /// - Throws: ``DiagnosticsError`` if the file cannot be read or written, or if the entry is missing, has a key, or has a
  ///   form that cannot be edited.
  public static func enterKey(of speaker: Speaker, in path: String, tags: [String]) throws(DiagnosticsError) {
    let speakers = try read(path, tags: tags)
    guard let key = speaker.key, let hash = speaker.withdrawal,
      let due = speakers.speaker(of: speaker.language, voice: speaker.voice), due.key == nil, due.withdrawal == nil
    else {
      throw DiagnosticsError(
        path: path, message: "has no entry of '\(speaker.pseudonym)' that lacks a key", remedy: "import the file again")
    }
    try enter(["key: \"\(key)\"", "withdrawal: \"\(hash)\""], in: [due], of: speakers, path, tags: tags) {
      ($0.key, $0.withdrawal) = (key, hash)
    }
  }

  /// Writes pairs into entries of the file at a path, and replaces it if then it says what `change` makes of them.
  private static func enter(
    _ pairs: [String], in due: [Speaker], of speakers: Speakers, _ path: String, tags: [String],
    change: (inout Speaker) -> Void
  ) throws(DiagnosticsError) {
    if due.isEmpty { return }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: YAMLFile.limit) } catch {
      throw DiagnosticsError([.unreadable(path, error)])
    }
    let edited = Self.edited(bytes, entries: due, among: speakers.all, with: pairs)
    var expected = speakers
    for index in expected.all.indices where due.contains(expected.all[index]) { change(&expected.all[index]) }
    let parsed = YAMLFile.parse(edited, file: path, log: DiagnosticLog()).flatMap { Speakers($0, tags: tags) }
    guard let parsed, parsed.withoutLines == expected.withoutLines else {
      throw DiagnosticsError([
        Diagnostic(
          path: path, line: due[0].line,
          message: "the entry of '\(due[0].pseudonym)' has a form that cannot be edited",
          remedy: "add '\(pairs.joined(separator: ", "))' to it yourself, and run this again")
      ])
    }
    do throws(SystemError) { try Files.replace(path, with: edited) } catch {
      throw DiagnosticsError([
        Diagnostic(path: path, message: "cannot be written: \(error.cause)", remedy: "nothing was changed; try again")
      ])
    }
  }

  /// Returns the file with pairs added to entries, in block style or in flow style (`{…}`).
  ///
  /// - Parameters:
  ///   - entries: the entries to edit.
  ///   - all: all entries of the file, in order.
  ///   - pairs: keys with their values.
  private static func edited(
    _ file: [UInt8], entries: [Speaker], among all: [Speaker], with pairs: [String]
  ) -> [UInt8] {
    var bytes = file
    let flows = FlowMapping.innermost(in: file)
    let starts = [0] + file.indices.filter { file[$0] == 0x0A }.map { $0 + 1 }
    // From the end, so that the offsets before an edit stay as they are.
    for speaker in entries.reversed() {
      let sameLine = all.filter { $0.line == speaker.line }
      let flowsOfLine = flows.filter { $0.line == speaker.line }
      if flowsOfLine.count == sameLine.count, let index = sameLine.firstIndex(of: speaker) {
        let flow = flowsOfLine[index]
        let text = "\(flow.needsComma ? "," : "") \(pairs.joined(separator: ", "))"
        bytes.insert(contentsOf: Array(text.utf8), at: flow.end)
        continue
      }
      let first = file[starts[speaker.line - 1]...].prefix { $0 != 0x0A }
      // All keys of the entry have the indentation of the first one, which follows the dash.
      let indentation = first.prefix { $0 == 0x20 || $0 == UInt8(ascii: "-") }.count
      let space = String(repeating: " ", count: indentation)
      let ending = first.last == 0x0D ? "\r" : ""
      let line = Array(pairs.map { "\(space)\($0)\(ending)" }.joined(separator: "\n").utf8)
      bytes.insert(
        contentsOf: first.endIndex < file.endIndex ? line + [0x0A] : [0x0A] + line,
        at: min(first.endIndex + 1, file.endIndex))
    }
    return bytes
  }

  private var withoutLines: [Speaker] {
    all.map { speaker in
      var speaker = speaker
      speaker.line = 0
      return speaker
    }
  }
}
