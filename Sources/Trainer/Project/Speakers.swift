import Catalogue
import Diagnostics
import Glibc
import Posix

/// Somebody who lent a voice: under a pseudonym, with consent, and with a way to take it back.
public struct Speaker: Equatable, Sendable {
  /// Never the real name: that stands on the signed form, which lies elsewhere.
  public var pseudonym: String
  /// BCP 47.
  public var language: String
  /// The directory of the recordings, and what a listener chooses between: `f1` is the first woman, `m1` the first man.
  public var voice: String
  /// Whether children take to it.
  public var isForChildren: Bool
  /// The day on which the form was signed: `2026-05-01`.
  public var consent: String
  /// What others may do with the recordings, as the form says.
  public var licence: String
  /// Where to ask for them to be taken down.
  public var contact: String
  /// The day on which consent was taken back; nil while it stands.
  public var withdrawn: String?
  /// The file and line that it was read from.
  public var file: String
  public var line: Int

  /// Creates an entry.
  public init(
    pseudonym: String, language: String, voice: String, isForChildren: Bool, consent: String, licence: String,
    contact: String, withdrawn: String? = nil, file: String, line: Int
  ) {
    self.pseudonym = pseudonym
    self.language = language
    self.voice = voice
    self.isForChildren = isForChildren
    self.consent = consent
    self.licence = licence
    self.contact = contact
    self.withdrawn = withdrawn
    self.file = file
    self.line = line
  }

  /// Whether the voice may be heard on a day; on any day before it was taken back, without one.
  public func consents(on day: String?) -> Bool { withdrawn == nil && day.map { consent <= $0 } ?? true }
}

/// `speakers.yaml`: whose voices a project's recordings are. One directory of recordings is one speaker's.
public struct Speakers: Equatable, Sendable {
  /// Name of the file in a project's directory.
  public static let name = "speakers.yaml"

  /// In the order of the file.
  public var all: [Speaker]

  public init(_ all: [Speaker] = []) { self.all = all }

  /// Who spoke `recordings/<language>/<voice>`.
  public func speaker(of language: String, voice: String) -> Speaker? {
    all.first { $0.language == language && $0.voice == voice }
  }

  /// Reads and checks the file; nobody where there is none.
  ///
  /// - Parameter tags: of all languages of the catalogue.
  public static func read(_ path: String, tags: [String]) throws(DiagnosticsError) -> Speakers {
    if !Files.exists(path) { return Speakers() }
    let log = DiagnosticLog()
    let speakers = YAMLFile.read(path, log: log).flatMap { Speakers($0, tags: tags) }
    try log.throwErrors()
    return speakers ?? Speakers()
  }

  /// A new `speakers.yaml`, with comments that explain it.
  public static let template = """
    # Whose voices the recordings are. A recording without a speaker who consents is for trials only.
    # Pseudonyms, never real names: those stand on the signed consent form, which is kept elsewhere.
    #
    # speakers:
    #   - pseudonym: "Iris"
    #     language: "ro"                 # recordings/ro/f1 holds what she recorded
    #     voice: f1                      # f1 the first woman, m1 the first man; f2, m2 ...
    #     child-friendly: true           # children take to it
    #     consent: 2026-04-30            # the day on which the form was signed
    #     licence: "for first-contact kits only"
    #     contact: "voices@example.org"  # where to ask for a take-down
    #
    # `firstword takedown Iris` adds `withdrawn:` with its day, and removes what must go.

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
          message: "\(speaker.language)/\(speaker.voice) is the voice of '\(first.pseudonym)' too, line \(first.line)",
          remedy: "give each speaker a voice of their own, such as f2"))
    }
  }
}

extension Speaker {
  fileprivate init?(_ field: Field, tags: [String]) {
    let keys = ["pseudonym", "language", "voice", "consent", "licence", "contact"]
    guard let map = field.mapping(keys, optional: ["child-friendly", "withdrawn"]) else { return nil }
    let pseudonym = map["pseudonym"]?.text(length: 1...40)
    let language = map["language"].flatMap { $0.knownLanguage(tags) }
    let voice = map["voice"].flatMap { $0.voice() }
    let isForChildren = map["child-friendly"].or(false) { $0.flag() }
    let consent = map["consent"].flatMap { $0.day() }
    let licence = map["licence"]?.text(length: 1...120)
    let contact = map["contact"]?.text(length: 3...120)
    let withdrawn = map["withdrawn"].flatMap { $0.day() }
    guard let pseudonym, let language, let voice, let isForChildren, let consent, let licence, let contact
    else { return nil }
    self.init(
      pseudonym: pseudonym, language: language, voice: voice, isForChildren: isForChildren, consent: consent,
      licence: licence, contact: contact, withdrawn: withdrawn, file: field.file, line: field.line)
  }
}

extension Field {
  fileprivate func knownLanguage(_ tags: [String]) -> String? {
    guard let tag = languageTag() else { return nil }
    if tags.contains(tag) { return tag }
    return refuse(
      "the catalogue has no language '\(tag)'\(Spelling.hint(tag, tags))",
      "correct it, or add Languages/\(tag).yaml to the project")
  }

  /// The name of a directory of recordings, as `RecordingTree` takes them.
  fileprivate func voice() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    if text == "synthetic" {
      return refuse("a machine is nobody's voice", "leave the voice 'synthetic' out of the speakers")
    }
    let fits = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    return fits ? text : refuse("\(quoted) is '\(text)'", "write it as f1, m1, f2 …")
  }

  fileprivate func day() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    return Day.isDay(text) ? text : refuse("\(quoted) is '\(text)', no day", "write it as 2026-05-01")
  }
}

// MARK: - Taking consent back

extension Speakers {
  /// All entries of one person.
  public func entries(of pseudonym: String) -> [Speaker] {
    all.filter { PersonName($0.pseudonym) == PersonName(pseudonym) }
  }

  /// Writes the day on which consent was taken back into the person's entries that do not have one; everything else
  /// in the file stays as it is. The old file or the new one, never half of it.
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
      // The entry's keys stand where the first one does, behind the dash.
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
          path: path, line: due[0].line, message: "the entry of '\(pseudonym)' has a form that is not edited here",
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
