import Catalogue
import Diagnostics
import KitBuilder
import Posix
import Project

/// Plans an import: matches the files of a source with the places of a project. Planning writes nothing.
public struct ImportPlanner {
  private let build: KitBuild
  private let imports: ImportLedger
  private let options: ImportOptions
  private let reader: NameReader
  private let speakerVoices: [Speaker]

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - build: the project.
  ///   - imports: the project's import ledger.
  ///   - options: the options of the import.
  /// - Throws: ``DiagnosticsError`` if the options name an unknown speaker.
  public init(_ build: KitBuild, imports: ImportLedger, options: ImportOptions) throws(DiagnosticsError) {
    self.build = build
    self.imports = imports
    self.options = options
    reader = NameReader(build)
    speakerVoices = options.speaker.map(build.speakers.entries) ?? []
    if let speaker = options.speaker, speakerVoices.isEmpty {
      let hint = Spelling.hint(speaker, build.speakers.all.map(\.pseudonym))
      throw DiagnosticsError(
        path: Speakers.name, message: "has no speaker '\(speaker)'\(hint)",
        remedy: "write the speaker into it, with the day of the consent")
    }
  }

  /// Decodes every file of a source and decides what to do with it.
  ///
  /// - Parameter done: called after each file with the number of files done.
  public func plan(_ source: Source, done: (Int) -> Void = { _ in }) throws -> ImportPlan {
    var plan = ImportPlan(rows: [], leftOut: source.leftOut)
    let assigned = assign(source, &plan)
    for (index, file) in source.files.enumerated() {
      plan.rows += rows(of: file, index, source, assigned[index, default: []])
      done(index + 1)
    }
    doubtCounts(&plan)
    for index in plan.rows.indices where plan.rows[index].fate == .open && plan.rows[index].doubts.isEmpty {
      settle(&plan.rows[index])
    }
    doubtDoubles(&plan)
    remark(&plan)
    return plan
  }

  // MARK: The map

  /// Returns the rows of the map by file; reports rows that match no file or several.
  private func assign(_ source: Source, _ plan: inout ImportPlan) -> [Int: [ImportMap.Row]] {
    guard let map = options.map else { return [:] }
    var assigned: [Int: [ImportMap.Row]] = [:]
    for row in map.rows {
      let wanted = row.file.replacing("\\", with: "/").split(separator: "/").filter { $0 != "." }.map {
        NameForm.composed(String($0))
      }
      let found = source.files.indices.filter { index in
        let parts = source.files[index].name.split(separator: "/").map { NameForm.composed(String($0)) }
        return parts.suffix(wanted.count) == wanted[...]
      }
      let exact = found.filter { source.files[$0].name == row.file }
      if let index = exact.first ?? (found.count == 1 ? found[0] : nil) {
        assigned[index, default: []].append(row)
      } else {
        let why =
          found.isEmpty ? "the source has no such file" : "\(found.count) files are called so: name their directory"
        plan.leftOut.append(("\(map.path):\(row.line) \(row.file)", why))
      }
    }
    return assigned
  }

  // MARK: One file

  private func rows(of file: SourceFile, _ index: Int, _ source: Source, _ given: [ImportMap.Row]) -> [ImportPlan.Row] {
    var row = ImportPlan.Row(file: index, name: file.name)
    if !given.isEmpty && given.allSatisfy(\.isLeftOut) {
      row.fate = .leftOut
      return [row]
    }
    let sound: DecodedFile
    do {
      sound = try source.open(file) { path in try DecodedFile(path: path, name: file.name) }
    } catch {
      row.fate = .unusable
      row.doubts = ["\(error)"]
      return [row]
    }
    row.sha256 = sound.sha256
    row.seconds = sound.recording.duration
    row.isCopy = !sound.isConverted
    row.ending = sound.isConverted ? "wav" : ending(of: file.name)
    let reading = reader.read(file.name)
    let pieces = given.filter { $0.start != nil && !$0.isLeftOut }
    if !pieces.isEmpty { return pieces.map { piece($0, of: sound, row, reading) } }
    if given.count > 1 {
      row.doubts = ["the map names it \(given.count) times: give pieces 'start' and 'end'"]
      return [row]
    }
    language(&row, reading, given.first)
    voice(&row, reading, given.first)
    if options.isLong || given.isEmpty && isLong(row, reading) { return split(sound, row) }
    prompt(&row, reading, given.first)
    listen(&row, sound.recording)
    return [row]
  }

  private func ending(of name: String) -> String {
    let ending = SourceKind.ending(of: name)
    return RecordingTree.extensions.contains(ending) ? ending : "wav"
  }

  /// The length in seconds above which a file that names no prompt is a take of many.
  private static let many = 25.0

  private func isLong(_ row: ImportPlan.Row, _ reading: NameReading) -> Bool {
    row.seconds > Self.many && (reading.prompt == .silent || reading.isCounted)
  }

  private func piece(
    _ given: ImportMap.Row, of sound: DecodedFile, _ whole: ImportPlan.Row, _ reading: NameReading
  ) -> ImportPlan.Row {
    var row = whole
    let piece = (given.start ?? 0)..<(given.end ?? 0)
    row.piece = piece
    row.seconds = piece.upperBound - piece.lowerBound
    (row.isCopy, row.ending) = (false, "wav")
    language(&row, reading, given)
    voice(&row, reading, given)
    prompt(&row, NameReading(reading, prompt: .silent), given)
    if let doubt = given.doubt {
      row.doubts.append("\(doubt): empty that cell of the map when you have listened")
      row.isUncertain = true
    }
    if piece.upperBound > sound.recording.duration + 0.01 {
      row.doubts.append("the file ends at \(sound.recording.duration.place)")
    } else {
      listen(&row, sound.recording.cut(piece))
    }
    return row
  }

  private func language(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    if let text = given?.language {
      guard let tag = build.catalogue.language(text)?.tag ?? reader.read(text).language.value else {
        return row.doubts.append("the map's language '\(text)' is none that is known")
      }
      row.language = tag
      row.reasons.append("the map")
    } else if let tag = options.language {
      row.language = tag
      switch reading.language {
      case .certain(let other, let why) where other != tag:
        row.language = nil
        row.doubts.append("\(why) says \(name(other)), --language says \(name(tag))")
      case .open(let tags, let why) where !reading.isLanguageWeak && !tags.contains(tag):
        row.language = nil
        row.doubts.append("\(why), and --language says \(name(tag))")
      default: row.reasons.append("--language")
      }
    } else {
      switch reading.language {
      case .certain(let tag, let why):
        row.language = tag
        row.reasons.append(why)
      case .open(_, let why): row.doubts.append("\(why): say --language")
      case .silent:
        if build.project.languages.count == 1, let only = build.project.languages.first {
          row.language = only
          row.reasons.append("the project's only language")
        } else {
          row.doubts.append("its name says no language: say --language")
        }
      }
    }
    if let tag = row.language, !build.languages.contains(tag) {
      row.language = nil
      row.doubts.append("the project has no \(name(tag)): add \"\(tag)\" to the languages in \(ProjectFile.name)")
    }
  }

  private func name(_ tag: String) -> String { build.catalogue.language(tag)?.english ?? tag }

  private func prompt(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    var found: String?
    if let text = given?.prompt {
      found = build.catalogue.prompt(text)?.id ?? reader.read(text).prompt.value
      if found == nil { return row.doubts.append("the map's prompt '\(text)' is none that is known") }
      if row.reasons != ["the map"] { row.reasons.append("the map") }
    } else {
      switch reading.prompt {
      case .certain(let id, let why):
        found = id
        row.reasons.append(why)
        if reading.isByNumber { row.number = build.catalogue.prompt(id)?.number }
      case .open(let ids, let why):
        if reading.isCounted, options.trustsNumbers, let id = ids.first {
          found = id
          row.reasons.append("--trust-numbers")
        } else {
          row.doubts.append(why)
        }
      case .silent: row.doubts.append("its name says no prompt")
      }
    }
    guard let id = found, let prompt = build.catalogue.prompt(id) else { return }
    if let tag = row.language, let language = build.catalogue.language(tag) {
      guard build.prompts(of: language).contains(where: { $0.id == id }) else {
        return row.doubts.append(
          "the project has no '\(prompt.stem)' in \(language.english): add it to the prompts in \(ProjectFile.name)")
      }
      if language.wordings[id] == nil {
        row.remarks.append("there are no words for '\(id)' in \(language.english) yet")
      }
    } else if !build.project.prompts.contains(id) {
      return row.doubts.append("the project has no '\(prompt.stem)': add it to the prompts in \(ProjectFile.name)")
    }
    row.prompt = prompt
  }

  private func voice(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    let speakers = row.language.map { tag in build.speakers.all.filter { $0.language == tag } } ?? []
    var voices: [(voice: String, why: String)] = []
    if let text = given?.voice {
      voices = [(text, "the map")]
    } else {
      if let voice = options.voice { voices.append((voice, "--voice")) }
      if options.speaker != nil, let tag = row.language {
        let own = speakerVoices.filter { $0.language == tag }.map(\.voice)
        if own.count == 1 {
          voices.append((own[0], "--speaker"))
        } else if own.isEmpty {
          row.doubts.append("the speaker has no voice in \(name(tag)): \(Speakers.name) says none")
        } else if options.voice == nil {
          row.doubts.append("the speaker has the voices \(own.joined(separator: " and ")): say --voice")
        }
      }
      switch reading.voice {
      case .certain(let voice, let why): voices.append((voice, why))
      case .open(_, let why): row.doubts.append(why)
      case .silent: break
      }
      if voices.isEmpty && options.speaker == nil && reading.voice == .silent {
        let standing = speakers.filter { $0.withdrawn == nil }
        if standing.count == 1 {
          voices = [(standing[0].voice, "the only speaker")]
        } else {
          let known = standing.map(\.voice).joined(separator: " or ")
          row.doubts.append("nothing says whose voice it is: say --voice \(known.isEmpty ? "f1" : known)")
        }
      }
    }
    guard let first = voices.first else { return }
    if let other = voices.first(where: { $0.voice != first.voice }) {
      return row.doubts.append("\(first.why) says \(first.voice), \(other.why) says \(other.voice)")
    }
    guard RecordingTree.isVoice(first.voice) else {
      return row.doubts.append("'\(first.voice)' is no voice: write f1, m1, f2 …")
    }
    row.voice = first.voice
    row.reasons += voices.map(\.why).filter { !row.reasons.contains($0) }
    if let speaker = speakers.first(where: { $0.voice == first.voice }), let day = speaker.withdrawn {
      row.doubts.append("'\(speaker.pseudonym)' took back the consent on \(day)")
    }
  }

  // MARK: Sound

  /// Reports what `firstword check` would find in the recording.
  private func listen(_ row: inout ImportPlan.Row, _ recording: Recording) {
    if recording.duration > Double(Recording.longest) {
      row.fate = .unusable
      row.doubts.append(
        "is \(Int(recording.duration.rounded())) s long, a prompt may have \(Recording.longest): "
          + "--long splits a take of many prompts")
      return
    }
    if recording.synthetic, let voice = row.voice, voice != Take.synthetic {
      row.doubts.append("a machine speaks in it: only --voice \(Take.synthetic) takes it")
    }
    let heard = build.heard(recording)
    guard let language = row.language.flatMap(build.catalogue.language), let prompt = row.prompt,
      let wording = language.wordings[prompt.id]
    else {
      if heard.measures.voice == nil { unusable(&row, "nobody speaks in it") }
      return
    }
    let take = Take(
      language: language.tag, voice: row.voice ?? "", number: prompt.number, prompt: prompt.id, path: row.name)
    for finding in build.check.findings(of: heard, take: take, text: wording.text, rate: language.rate) {
      switch finding.severity {
      case .error: unusable(&row, finding.message)
      case .warning where finding.code != .synthetic: row.remarks.append("\(finding.message): \(finding.remedy)")
      case .warning, .note: break
      }
    }
  }

  private func unusable(_ row: inout ImportPlan.Row, _ why: String) {
    row.fate = .unusable
    row.doubts.append(why)
  }

  // MARK: A take of many prompts

  private func split(_ sound: DecodedFile, _ whole: ImportPlan.Row) -> [ImportPlan.Row] {
    var whole = whole
    guard let language = whole.language.flatMap(build.catalogue.language), whole.doubts.isEmpty else {
      whole.doubts.append("is \(whole.seconds.tenths) s long: a take of many prompts is split when all else is known")
      return [whole]
    }
    let lines = build.prompts(of: language).compactMap { prompt in
      language.wordings[prompt.id].map { wording in
        LongTake.Line(
          prompt: prompt, text: wording.text, seconds: LongTake.seconds(of: wording.text, rate: language.rate))
      }
    }
    let take = LongTake(sound.recording, lines: lines)
    var rows = take.pieces.map { piece in
      var row = whole
      row.piece = piece.range
      row.seconds = piece.range.upperBound - piece.range.lowerBound
      (row.isCopy, row.ending) = (false, "wav")
      row.prompt = piece.line.prompt
      row.reasons.append("the order of the script")
      row.doubts = piece.doubt.map { [$0] } ?? []
      row.isUncertain = piece.doubt != nil
      listen(&row, sound.recording.cut(piece.range))
      return row
    }
    for line in take.missing {
      var row = whole
      row.prompt = line.prompt
      row.seconds = 0
      row.fate = .unusable
      row.doubts = ["is not heard in it"]
      rows.append(row)
    }
    if take.pieces.isEmpty {
      whole.doubts.append("nobody speaks in it")
      whole.fate = .unusable
      return [whole]
    }
    for rest in take.unplaced {
      var row = whole
      row.piece = rest
      row.seconds = rest.upperBound - rest.lowerBound
      row.prompt = nil
      row.fate = .leftOut
      row.doubts = ["no line of the script: a noise, or a line that was said again"]
      rows.append(row)
    }
    rows.sort { ($0.piece?.lowerBound ?? .infinity) < ($1.piece?.lowerBound ?? .infinity) }
    return rows
  }

  // MARK: The whole plan

  /// Doubts the prompts of files numbered from 1 on, because the numbers may only count the files.
  private func doubtCounts(_ plan: inout ImportPlan) {
    if options.trustsNumbers { return }
    let numbered = plan.rows.indices.filter { plan.rows[$0].number != nil }
    for (tag, group) in Dictionary(grouping: numbered, by: { plan.rows[$0].language ?? "" }) {
      guard let language = build.catalogue.language(tag) else { continue }
      let wanted = build.prompts(of: language).map(\.number)
      let numbers = group.compactMap { plan.rows[$0].number }
      let there = Set(numbers)
      guard there.count > 2, there == Set(1...there.count), there != Set(wanted),
        there.count == wanted.count || !there.isSubset(of: wanted)
      else { continue }
      for index in group {
        plan.rows[index].doubts = [
          "numbers 1 to \(there.count) may count the files: --trust-numbers takes them for the prompts' own"
        ]
      }
    }
  }

  /// Decides whether a row is new, known, or conflicts with an existing recording.
  private func settle(_ row: inout ImportPlan.Row) {
    guard let placement = row.placement else { return }
    let same = imports.entries(of: row.sha256).filter { entry in
      Files.exists(Path(build.directory).appending(entry.path)) && isSamePiece(entry, row)
    }
    if let entry = same.first(where: {
      $0.language == placement.language && $0.prompt == placement.prompt && $0.voice == placement.voice
    }) {
      row.fate = .known("imported on \(entry.date) as \(entry.path)")
      return
    }
    if let entry = same.first {
      row.doubts.append("the same file was imported on \(entry.date) as \(entry.path): remove that first")
      return
    }
    let there = build.tree.path(of: placement)
    guard let there else {
      row.fate = .new
      return
    }
    if row.isCopy, (try? Recording.sha256(path: there)) == row.sha256 {
      row.fate = .known("is there as \(there)")
    } else if options.replaces {
      row.fate = .replaces(there)
    } else {
      row.doubts.append("\(there) is there: --replace puts this in its place")
    }
  }

  private func isSamePiece(_ entry: ImportRecord, _ row: ImportPlan.Row) -> Bool {
    guard let piece = row.piece else { return entry.from == nil }
    guard let from = entry.from, let to = entry.to else { return false }
    // The same piece, even if the cuts differ slightly.
    return abs(Double(from) / 1000 - piece.lowerBound) < 0.5 && abs(Double(to) / 1000 - piece.upperBound) < 0.5
  }

  /// Doubts two files for one place, and one sound for two places.
  private func doubtDoubles(_ plan: inout ImportPlan) {
    let bound = plan.rows.indices.filter { plan.rows[$0].fate == .new || plan.rows[$0].isReplacing }
    let whole = bound.filter { plan.rows[$0].piece == nil }
    for group in Dictionary(grouping: whole, by: { plan.rows[$0].sha256 }).values where group.count > 1 {
      let placements = Set(group.compactMap { plan.rows[$0].placement })
      for (place, index) in group.sorted().enumerated() {
        if placements.count > 1 {
          plan.rows[index].conflict("the same sound as \(others(group, index, plan))")
        } else if place > 0 {
          plan.rows[index].fate = .known("the same as \(plan.rows[group.sorted()[0]].name)")
        }
      }
    }
    let rest = bound.filter { plan.rows[$0].fate == .new || plan.rows[$0].isReplacing }
    for group in Dictionary(grouping: rest, by: { plan.rows[$0].placement }).values where group.count > 1 {
      for index in group {
        plan.rows[index].conflict("for the same place as \(others(group, index, plan)): choose one with --map")
      }
    }
  }

  private func others(_ group: [Int], _ index: Int, _ plan: ImportPlan) -> String {
    group.filter { $0 != index }.sorted().prefix(3).map { plan.rows[$0].name }.joined(separator: ", ")
  }

  private func remark(_ plan: inout ImportPlan) {
    let voices = Set(plan.placed.compactMap { row in row.placement.map { "\($0.language)/\($0.voice)" } })
    let unknown = voices.filter { directory in
      let parts = directory.split(separator: "/").map(String.init)
      return parts[1] != Take.synthetic && build.speakers.speaker(of: parts[0], voice: parts[1]) == nil
    }
    if !unknown.isEmpty {
      plan.remarks.append(
        "nobody is known to speak \(unknown.sorted().joined(separator: ", ")): "
          + "without an entry in \(Speakers.name) there is no release")
    }
  }
}

extension ImportPlan.Row {
  fileprivate var isReplacing: Bool { if case .replaces = fate { true } else { false } }

  fileprivate mutating func conflict(_ why: String) {
    fate = .open
    doubts.append(why)
  }
}

extension NameReading {
  /// Creates a copy with another prompt.
  fileprivate init(_ reading: NameReading, prompt: Reading<String>) {
    self = reading
    self.prompt = prompt
    isCounted = false
  }
}

extension Recording {
  /// Returns a piece of the recording.
  ///
  /// - Parameter piece: the range in seconds.
  public func cut(_ piece: Range<Double>) -> Recording {
    Recording(samples: Array(samples[frames(of: piece)]), rate: rate, sha256: sha256, synthetic: synthetic)
  }

  func frames(of piece: Range<Double>) -> Range<Int> {
    let start = max(0, min(samples.count, Int((piece.lowerBound * Double(rate)).rounded())))
    return start..<max(start, min(samples.count, Int((piece.upperBound * Double(rate)).rounded())))
  }
}
