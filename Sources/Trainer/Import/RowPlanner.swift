import Catalogue
import Diagnostics
import Encoding
import KitBuilder
import Project

/// Decides on one file of an import by itself: the recordings that it contains, and the language, prompt and voice of
/// each.
struct RowPlanner {
  private let workspace: Workspace
  private let pipeline: ClipPipeline
  private let options: ImportOptions
  private let memory: ImportMemory
  private let reader: NameReader
  /// The entries of the speaker that the options name.
  private let speakerVoices: [Speaker]

  /// Creates a planner.
  ///
  /// - Throws: ``DiagnosticsError`` if the options name an unknown speaker.
  init(_ workspace: Workspace, options: ImportOptions, memory: ImportMemory) throws(DiagnosticsError) {
    self.workspace = workspace
    pipeline = ClipPipeline(workspace)
    self.options = options
    self.memory = memory
    reader = NameReader(workspace)
    speakerVoices = options.speaker.map(workspace.speakers.entries) ?? []
    if let speaker = options.speaker, speakerVoices.isEmpty {
      let hint = Spelling.hint(speaker, workspace.speakers.all.map(\.pseudonym))
      throw DiagnosticsError(
        path: Speakers.name, message: "has no speaker '\(speaker)'\(hint)",
        remedy: "add the speaker to it, with the date of consent")
    }
  }

  /// Decodes a file and decides on it.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - index: its index in the source.
  ///   - source: the source.
  ///   - given: the rows of the map for this file.
  /// - Returns: one row, or a row for each piece of a take of many prompts.
  func rows(of file: SourceFile, _ index: Int, _ source: Source, _ given: [ImportMap.Row]) -> [ImportPlan.Row] {
    var row = ImportPlan.Row(file: index, name: file.name)
    if !given.isEmpty && given.allSatisfy(\.isLeftOut) {
      row.fate = .leftOut
      return [row]
    }
    let sound: HeardFile
    do { sound = try HeardFile(file, of: source, memory: memory) } catch {
      row.fate = .unusable
      row.doubts = ["\(error)"]
      return [row]
    }
    row.sha256 = sound.sha256
    row.seconds = sound.duration
    row.isCopy = !sound.isConverted
    row.ending = sound.isConverted ? "wav" : ending(of: file.name)
    let reading = reader.read(file.name)
    let pieces = given.filter { $0.start != nil && !$0.isLeftOut }
    if !pieces.isEmpty { return pieces.map { piece($0, of: sound, row, reading) } }
    if given.count > 1 {
      row.doubts = ["the map lists it \(given.count) times: give each piece 'start' and 'end'"]
      return [row]
    }
    language(&row, reading, given.first)
    voice(&row, reading, given.first)
    if options.isLong || given.isEmpty && isLong(row, reading) { return split(sound, row) }
    prompt(&row, reading, given.first)
    listen(&row, sound, sound.duration)
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
    _ given: ImportMap.Row, of sound: HeardFile, _ whole: ImportPlan.Row, _ reading: NameReading
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
      row.doubts.append("\(doubt): \(terms.confirm)")
      row.isUncertain = true
    }
    if piece.upperBound > sound.duration + 0.01 {
      row.doubts.append("the file ends at \(sound.duration.place)")
    } else {
      listen(&row, sound, row.seconds)
    }
    return row
  }

  private func language(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    if let text = given?.language {
      guard let tag = workspace.catalogue.language(text)?.tag ?? reader.read(text).language.value else {
        return row.doubts.append("the map's language '\(text)' is unknown")
      }
      row.language = tag
      row.reasons.append(terms.map)
    } else if let tag = options.language {
      row.language = tag
      switch reading.language {
      case .certain(let other, let reason) where other != tag:
        row.language = nil
        row.doubts.append("\(reason) says \(name(other)), \(terms.language) says \(name(tag))")
      case .open(let tags, let reason) where !reading.isLanguageWeak && !tags.contains(tag):
        row.language = nil
        row.doubts.append("\(reason), and \(terms.language) says \(name(tag))")
      default: row.reasons.append(terms.language)
      }
    } else {
      switch reading.language {
      case .certain(let tag, let reason):
        row.language = tag
        row.reasons.append(reason)
      case .open(_, let reason): row.doubts.append("\(reason): \(terms.chooseLanguage)")
      case .silent:
        if workspace.project.languages.count == 1, let only = workspace.project.languages.first {
          row.language = only
          row.reasons.append("the project's only language")
        } else {
          row.doubts.append("its name contains no language: \(terms.chooseLanguage)")
        }
      }
    }
    if let tag = row.language, !workspace.languages.contains(tag) {
      row.language = nil
      row.doubts.append("the project has no \(name(tag)): add \"\(tag)\" to the languages in \(ProjectFile.name)")
    }
  }

  private var terms: ImportTerms { options.terms }

  private func name(_ tag: String) -> String { workspace.catalogue.language(tag)?.english ?? tag }

  private func prompt(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    var found: String?
    if let text = given?.prompt {
      found = workspace.catalogue.item(text)?.id ?? reader.read(text).prompt.value
      if found == nil { return row.doubts.append("the map's prompt '\(text)' is unknown") }
      if row.reasons != [terms.map] { row.reasons.append(terms.map) }
    } else {
      switch reading.prompt {
      case .certain(let id, let reason):
        found = id
        row.reasons.append(reason)
        if reading.isByNumber { row.number = workspace.catalogue.prompt(id)?.number }
      case .open(let ids, let reason):
        if reading.isCounted, options.trustsNumbers, let id = ids.first {
          found = id
          row.reasons.append(terms.trustedNumbers)
        } else {
          row.doubts.append(reason)
        }
      case .silent: row.doubts.append("its name contains no prompt")
      }
    }
    guard let id = found, let prompt = workspace.catalogue.item(id) else { return }
    if let tag = row.language, let language = workspace.catalogue.language(tag) {
      guard workspace.prompts(of: language).contains(where: { $0.id == id }) else {
        return row.doubts.append(
          "the project has no '\(prompt.stem)' in \(language.english): \(Self.addition(of: prompt))")
      }
      if language.wordings[id] == nil {
        row.remarks.append("'\(id)' has no wording in \(language.english) yet")
      }
    } else if !workspace.items.contains(where: { $0.id == id }) {
      return row.doubts.append("the project has no '\(prompt.stem)': \(Self.addition(of: prompt))")
    }
    row.prompt = prompt
  }

  /// Returns what makes an item one of the project's, in the imperative.
  private static func addition(of item: Prompt) -> String {
    item.isBase
      ? "add it to the prompts in \(ProjectFile.name)"
      : "change 'answers' or the chosen forms in \(ProjectFile.name) if the kit needs it"
  }

  private func voice(_ row: inout ImportPlan.Row, _ reading: NameReading, _ given: ImportMap.Row?) {
    let speakers = row.language.map { tag in workspace.speakers.all.filter { $0.language == tag } } ?? []
    var voices: [(voice: String, reason: String)] = []
    if let text = given?.voice {
      voices = [(text, terms.map)]
    } else {
      if let voice = options.voice { voices.append((voice, terms.voice)) }
      if options.speaker != nil, let tag = row.language {
        let own = speakerVoices.filter { $0.language == tag }.map(\.voice)
        if own.count == 1 {
          voices.append((own[0], terms.speaker))
        } else if own.isEmpty {
          row.doubts.append("the speaker has no voice in \(name(tag)): add one to \(Speakers.name)")
        } else if options.voice == nil {
          row.doubts.append("the speaker has the voices \(own.joined(separator: " and ")): \(terms.chooseVoice)")
        }
      }
      switch reading.voice {
      case .certain(let voice, let reason): voices.append((voice, reason))
      case .open(_, let reason): row.doubts.append(reason)
      case .silent: break
      }
      if voices.isEmpty && options.speaker == nil && reading.voice == .silent {
        let standing = speakers.filter { $0.withdrawn == nil }
        if standing.count == 1 {
          voices = [(standing[0].voice, "the only speaker")]
        } else {
          let known = standing.map(\.voice).joined(separator: " or ")
          row.doubts.append("the voice is unknown: \(terms.chooseVoice) \(known.isEmpty ? "f1" : known)")
        }
      }
    }
    guard let first = voices.first else { return }
    if let other = voices.first(where: { $0.voice != first.voice }) {
      return row.doubts.append("\(first.reason) says \(first.voice), \(other.reason) says \(other.voice)")
    }
    guard RecordingTree.isVoice(first.voice) else {
      return row.doubts.append("'\(first.voice)' is not a voice name: write f1, m1, f2 …")
    }
    row.voice = first.voice
    row.reasons += voices.map(\.reason).filter { !row.reasons.contains($0) }
    if let speaker = speakers.first(where: { $0.voice == first.voice }), let day = speaker.withdrawn {
      row.doubts.append("'\(speaker.pseudonym)' withdrew consent on \(day)")
    }
  }

  // MARK: Audio

  /// Reports what `firstword check` would find in the recording, or in the row's piece of it.
  private func listen(_ row: inout ImportPlan.Row, _ sound: HeardFile, _ duration: Double) {
    if duration > Double(Recording.longest) {
      row.fate = .unusable
      row.doubts.append(
        "is \(Int(duration.rounded())) s long; the maximum for a prompt is \(Recording.longest) s: "
          + terms.split)
      return
    }
    if sound.isSynthetic, let voice = row.voice, voice != Take.synthetic {
      row.doubts.append("is synthetic speech: \(terms.importSynthetic) \(Take.synthetic)")
    }
    let analysis: RecordingAnalysis
    do { analysis = try sound.analysis(of: row.piece, by: pipeline).get() } catch { return unusable(&row, "\(error)") }
    guard let language = row.language.flatMap(workspace.catalogue.language), let prompt = row.prompt,
      let wording = language.wordings[prompt.id]
    else {
      if analysis.measures.speech == nil { unusable(&row, "contains no speech") }
      return
    }
    let take = Take(
      language: language.tag, voice: row.voice ?? "", number: prompt.number, prompt: prompt.id, path: row.name)
    for finding in pipeline.check.findings(of: analysis, take: take, text: wording.text, rate: language.rate) {
      switch finding.severity {
      case .error: unusable(&row, finding.message)
      case .warning where finding.code != .synthetic: row.remarks.append("\(finding.message): \(finding.remedy)")
      case .warning, .note: break
      }
    }
  }

  private func unusable(_ row: inout ImportPlan.Row, _ reason: String) {
    row.fate = .unusable
    row.doubts.append(reason)
  }

  // MARK: A take of many prompts

  private func split(_ sound: HeardFile, _ whole: ImportPlan.Row) -> [ImportPlan.Row] {
    var whole = whole
    guard let language = whole.language.flatMap(workspace.catalogue.language), whole.doubts.isEmpty else {
      whole.doubts.append(
        "is \(whole.seconds.tenths) s long: a take of many prompts is split only if language and voice are known")
      return [whole]
    }
    let lines = workspace.prompts(of: language).compactMap { prompt in
      language.wordings[prompt.id].map { wording in
        LongTake.Line(
          prompt: prompt, text: wording.text, seconds: LongTake.seconds(of: wording.text, rate: language.rate))
      }
    }
    let take: LongTake
    do { take = LongTake(try sound.segments(), end: sound.duration, lines: lines) } catch {
      unusable(&whole, "\(error)")
      return [whole]
    }
    var rows = take.pieces.map { piece in
      var row = whole
      row.piece = piece.range
      row.seconds = piece.range.upperBound - piece.range.lowerBound
      (row.isCopy, row.ending) = (false, "wav")
      row.prompt = piece.line.prompt
      row.reasons.append("the order of the script")
      row.doubts = piece.doubt.map { [$0] } ?? []
      row.isUncertain = piece.doubt != nil
      row.chance = piece.chance
      listen(&row, sound, row.seconds)
      return row
    }
    for line in take.missing {
      var row = whole
      row.prompt = line.prompt
      row.seconds = 0
      row.fate = .unusable
      row.doubts = ["is missing in the take"]
      rows.append(row)
    }
    if take.pieces.isEmpty {
      whole.doubts.append("contains no speech")
      whole.fate = .unusable
      return [whole]
    }
    for rest in take.unplaced {
      var row = whole
      row.piece = rest
      row.seconds = rest.upperBound - rest.lowerBound
      row.prompt = nil
      row.fate = .leftOut
      row.doubts = ["no line of the script: a noise, or a repeated line"]
      rows.append(row)
    }
    rows.sort { ($0.piece?.lowerBound ?? .infinity) < ($1.piece?.lowerBound ?? .infinity) }
    return rows
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
