import Catalogue
import Diagnostics
import Kit

/// Reads a project's `kit.yaml`, and writes a new one.
public enum ProjectFile {
  /// The file name in a project's directory.
  public static let name = "kit.yaml"

  /// The name of the file that tells git how to merge the ledgers. gitattributes(5)
  public static let attributes = ".gitattributes"
  /// The content of that file: a merge keeps the lines of both ledgers.
  public static let attributesText = [Approvals.name, ImportLedger.name, ReviewNotes.name].map { "\($0) merge=union\n" }
    .joined()

  /// Reads and validates a project.
  ///
  /// - Parameters:
  ///   - path: the `kit.yaml`.
  ///   - catalogue: the catalogue, loaded with the project's own prompts and languages.
  /// - Throws: ``DiagnosticsError`` with every error in the file.
  public static func read(_ path: String, catalogue: Catalogue) throws(DiagnosticsError) -> Project {
    let log = DiagnosticLog()
    return try project(YAMLFile.read(path, log: log), path, catalogue, log)
  }

  /// Reads a project from the content of its file.
  static func parse(
    _ bytes: [UInt8], _ path: String, _ catalogue: Catalogue
  ) throws(DiagnosticsError) -> Project {
    let log = DiagnosticLog()
    return try project(YAMLFile.parse(bytes, file: path, log: log), path, catalogue, log)
  }

  private static func project(
    _ root: Field?, _ path: String, _ catalogue: Catalogue, _ log: DiagnosticLog
  ) throws(DiagnosticsError) -> Project {
    let project = root.flatMap { Project($0, catalogue: catalogue) }
    try log.throwErrors()
    guard let project else { throw DiagnosticsError([.unusable(path)]) }
    return project
  }
}

extension Project {
  fileprivate init?(_ root: Field, catalogue: Catalogue) {
    let optional =
      ["operator-voice", "operators", "contacts", "finder", "prompts", "level", "opus", "approvals", "check"]
      + ["answers", "forms", Self.whoWeAre, "reserve", "fallbacks"]
    guard let map = root.mapping(["name", "version", "languages"], optional: optional) else { return nil }
    let name = map["name"]?.kitName()
    let version = map["version"]?.kitVersion()
    let tags = catalogue.languages.map(\.tag)
    let languages = map["languages"]?.unique { field in
      guard let tag = field.languageTag() else { return nil }
      if tags.contains(tag) { return tag }
      return field.refuse(
        "the catalogue has no language '\(tag)'\(Spelling.hint(tag, tags))",
        "correct it, or add Languages/\(tag).yaml to the project")
    }
    let speaking = catalogue.languages.filter(\.isForResponder).map(\.tag)
    let operatorLanguage = map["operator-voice"]?.languageTag()
    if let field = map["operator-voice"], let tag = operatorLanguage, !speaking.contains(tag) {
      field.refuse(
        "'\(tag)' is not an operator language\(Spelling.hint(tag, speaking))",
        "write one of \(speaking.joined(separator: ", "))")
    }
    let finder = map["finder"].or(Finder(), Finder.init(reading:))
    let ids = catalogue.prompts.map(\.id)
    let listeners = catalogue.prompts.filter { $0.module != .operator }.map(\.id)
    let prompts = map["prompts"].or(listeners) { list in
      list.unique { field in
        guard let id = field.identifier() else { return nil }
        if ids.contains(id) { return id }
        if let old = catalogue.retired(id) { return field.refuse(old.explanation, old.remedy) }
        return field.refuse(
          "no prompt has the id '\(id)'\(Spelling.hint(id, ids))", "correct it, or add its file to the project")
      }
    }
    let level = map["level"].or(Level(), Level.init(reading:))
    let opus = map["opus"].or(Opus(), Opus.init(reading:))
    let approvals = map["approvals"].or(.names) { $0.word(ApprovalPolicy.self) }
    let check = map["check"].or([:]) { $0.limits() }
    let responders = catalogue.languages.filter { $0.roles.contains(.operator) && !$0.roles.contains(.source) }
      .map(\.tag)
    let operators = map["operators"].or([]) { list in
      list.unique { field in
        guard let tag = field.languageTag() else { return nil }
        if responders.contains(tag) { return tag }
        return field.refuse(
          "'\(tag)' is not a further operator language\(Spelling.hint(tag, responders))",
          "write one of \(responders.joined(separator: ", "))")
      }
    }
    let contacts = map["contacts"].or([]) { $0.items(KitContact.init) }
    let answers = map["answers"].or(KitAnswers(), KitAnswers.init(reading:))
    var forms = map["forms"].or([:]) { $0.choices(catalogue) }
    if let field = map[Self.whoWeAre] {
      if forms?[Self.whoWeAre] != nil {
        field.refuse("the form of '\(Self.whoWeAre)' is under 'forms' too", "keep one of them")
      } else if let choice = field.choice(of: Self.whoWeAre, catalogue) {
        forms?[Self.whoWeAre] = choice
      }
    }
    let reserve = map["reserve"].or([]) { $0.unique { $0.reserved(languages ?? [], catalogue) } }
    let fallbacks = map["fallbacks"].or([]) { $0.items { $0.fallback(catalogue) } }
    for tag in languages ?? [] where catalogue.language(tag)?.isReserve == true && reserve?.contains(tag) == false {
      map["languages"]?.refuse(
        "'\(tag)' is kept in reserve: its words are not good enough for every kit",
        "remove it, or name it under 'reserve' too if you answer for its words: reserve: [\"\(tag)\"]")
    }
    guard let name, let version, let languages, let finder, let prompts, let level, let opus, let approvals,
      let check, let operators, let contacts, let answers, let forms, let reserve, let fallbacks
    else { return nil }
    self.init(
      name: name, version: version, languages: languages, prompts: ids.filter(prompts.contains),
      operatorLanguage: operatorLanguage, finder: finder, level: level, opus: opus, approvals: approvals,
      check: check, operators: operators, contacts: contacts, answers: answers, forms: forms,
      reserve: reserve, fallbacks: fallbacks)
  }

  /// The prompt whose form has a key of its own in kit.yaml.
  private static let whoWeAre = "who-we-are"
}

extension KitAnswers {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["modes", "pause"]) else { return nil }
    let modes = map["modes"].or([AnswerMode.base]) { list in
      list.unique { $0.word(AnswerMode.self)?.rawValue }?.compactMap(AnswerMode.init(rawValue:))
    }
    let pause = map["pause"].or(Double(Self.usualPause) / 1000) {
      $0.number(in: Double(Self.pauses.lowerBound) / 1000...Double(Self.pauses.upperBound) / 1000)
    }
    guard let modes, let pause else { return nil }
    if modes.isEmpty {
      map["modes"]?.refuse("the kit has no answer mode", "name at least one, such as card")
      return nil
    }
    self.init(modes: modes, pause: Int((pause * 1000).rounded()))
  }
}

extension Field {
  /// Returns the chosen form of each prompt.
  fileprivate func choices(_ catalogue: Catalogue) -> [String: String]? {
    guard let entries = entries() else { return nil }
    var choices: [String: String] = [:]
    for (id, place, value) in entries {
      let ids = catalogue.prompts.filter { if case .choices = $0.forms { true } else { false } }.map(\.id)
      if ids.contains(id) {
        choices[id] = value.choice(of: id, catalogue)
      } else {
        place.refuse(
          "'\(id.shown)' is not a prompt with choices\(Spelling.hint(id, ids))",
          ids.isEmpty ? "remove it" : "use one of \(ids.joined(separator: ", "))")
      }
    }
    return choices
  }

  /// Returns the chosen form of one prompt.
  fileprivate func choice(of id: String, _ catalogue: Catalogue) -> String? {
    guard case .choices(let names)? = catalogue.prompt(id)?.forms else {
      return refuse("'\(id)' is not a prompt with choices in this catalogue", "remove it")
    }
    guard let name = text(length: 1...20) else { return nil }
    return names.contains(name)
      ? name
      : refuse("\(quoted) is '\(name)'\(Spelling.hint(name, names))", "write one of \(names.joined(separator: ", "))")
  }

  /// Returns the tag of a language in reserve that the project has.
  fileprivate func reserved(_ languages: [String], _ catalogue: Catalogue) -> String? {
    guard let tag = languageTag() else { return nil }
    let known = catalogue.languages.filter(\.isReserve).map(\.tag)
    if !known.contains(tag) {
      return refuse(
        "'\(tag)' is not a language in reserve\(Spelling.hint(tag, known))",
        known.isEmpty ? "remove it" : "use one of \(known.joined(separator: ", "))")
    }
    return languages.contains(tag) ? tag : refuse("'\(tag)' is not among the languages", "add it to 'languages' too")
  }

  /// Returns a fallback that is off in the catalogue: `uk-ru`.
  fileprivate func fallback(_ catalogue: Catalogue) -> Project.FallbackChoice? {
    guard let text = text(length: 1...71, inQuotes: false) else { return nil }
    let off = catalogue.languages.flatMap { language in
      language.fallback.filter(\.isOff).map { Project.FallbackChoice(from: language.tag, to: $0.tag) }
    }
    if let choice = off.first(where: { "\($0.from)-\($0.to)" == text }) { return choice }
    let names = off.map { "\($0.from)-\($0.to)" }
    return refuse(
      "'\(text.shown)' is not a fallback that is off\(Spelling.hint(text, names))",
      names.isEmpty ? "remove it" : "use one of \(names.joined(separator: ", "))")
  }
}

extension Project.Finder {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["regions", "pause"]) else { return nil }
    let regions = map["regions"].or([]) { list in
      list.unique { $0.checked("an ISO 3166 code such as SY", LanguageTag.isRegion) }
    }
    let pause = map["pause"].or(5) { $0.number(in: 1...60) }
    guard let regions, let pause else { return nil }
    self.init(regions: regions, pause: pause)
  }
}

extension Project.Level {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["target", "peak"]) else { return nil }
    let target = map["target"].or(-16) { $0.number(in: -30 ... -10) }
    let peak = map["peak"].or(-1.5) { $0.number(in: -9 ... -0.1) }
    guard let target, let peak else { return nil }
    self.init(target: target, peak: peak)
  }
}

extension Project.Opus {
  fileprivate init?(reading field: Field) {
    guard let map = field.mapping([], optional: ["bitrate", "complexity", "frame"]) else { return nil }
    let bitrate = map["bitrate"].or(24_000) { $0.integer(in: 8_000...128_000) }
    let complexity = map["complexity"].or(10) { $0.integer(in: 0...10) }
    let frame = map["frame"].or(20) { field in
      guard let frame = field.integer(in: 10...60) else { return nil }
      if [10, 20, 40, 60].contains(frame) { return frame }
      return field.refuse("\(field.quoted) is \(frame)", "write 10, 20, 40 or 60")
    }
    guard let bitrate, let complexity, let frame else { return nil }
    self.init(bitrate: bitrate, complexity: complexity, frame: frame)
  }
}

extension KitContact {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["kind", "name"], optional: ["phone", "note"]) else { return nil }
    let kind = map["kind"]?.word(Kind.self)
    let name = map["name"]?.text(length: 1...80)
    let phone = map["phone"].or("") { $0.phone() }
    let note = map["note"].or("") { $0.text(length: 1...300) }
    guard let kind, let name, let phone, let note else { return nil }
    if phone.isEmpty && note.isEmpty {
      field.refuse("a contact has neither phone nor note", "add 'phone', or write in 'note' where to find them")
      return nil
    }
    self.init(kind: kind, name: name, phone: phone, note: note)
  }
}

extension Field {
  /// Returns a telephone number: digits, spaces, `+ ( ) - . / # *` and an extension.
  fileprivate func phone() -> String? {
    guard let text = text(length: 2...40, inQuotes: true) else { return nil }
    let marks = Set("0123456789 +()-./#*,;x")
    return text.allSatisfy(marks.contains) && text.contains(where: \.isNumber)
      ? text
      : refuse("\(quoted) is '\(text)'", "write digits, spaces and + ( ) - . / # *, such as \"+40 21 000 00 00\"")
  }

  /// Returns the limits of the check.
  fileprivate func limits() -> [CheckLimit: Double]? {
    guard let map = mapping([], optional: CheckLimit.allCases.map(\.rawValue)) else { return nil }
    var limits: [CheckLimit: Double] = [:]
    for limit in CheckLimit.allCases {
      if let field = map[limit.rawValue] { limits[limit] = field.number(in: limit.range) }
    }
    return limits
  }

  /// Returns the items of a list without duplicates.
  fileprivate func unique(_ read: (Field) -> String?) -> [String]? {
    guard let fields = list() else { return nil }
    var texts: [String] = []
    for field in fields {
      guard let text = read(field) else { continue }
      if texts.contains(text) {
        field.refuse("'\(text)' is given twice", "keep one of them")
      } else {
        texts.append(text)
      }
    }
    return texts
  }

  fileprivate func kitName() -> String? {
    guard let text = text(length: 1...60) else { return nil }
    let letters = text.utf8.map { ($0 | 0x20, $0) }
    let isValid = letters.allSatisfy { lower, byte in
      (0x61...0x7A).contains(lower) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
    return isValid && !text.hasPrefix("-")
      ? text : refuse("the name '\(text)' is not valid", "use letters a to z, digits and hyphens")
  }

  fileprivate func kitVersion() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isValid = parts.allSatisfy { part in Int(part).map { String($0) == part && $0 >= 0 } ?? false }
    return isValid
      ? text : refuse("the version '\(text)' is not valid", "write numbers joined by points, such as \"1.0\"")
  }
}
