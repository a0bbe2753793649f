import Diagnostics
import Encoding
import Kit

/// The differences between two kits, for a person who decides whether the second may replace the first.
public struct KitDiff: Encodable, Sendable {
  /// Changes of the kit itself: name, version, prompts, languages, contacts.
  public private(set) var changes: [Change] = []
  /// Changes of clips, by language in the order of the first kit, number and voice.
  public private(set) var clips: [ClipChange] = []

  /// A value in a manifest that differs.
  public struct Change: Encodable, Equatable, Sendable {
    /// The name of the value: `version`, `ro: number`, `03 safe-here: title`.
    public var what: String
    /// The value in the first kit; `nil` if it has none.
    public var before: String?
    /// The value in the second kit; `nil` if it has none.
    public var after: String?
  }

  /// A clip that differs.
  public struct ClipChange: Encodable, Sendable {
    /// The BCP 47 tag of its language.
    public var language: String
    /// The number of its prompt.
    public var number: Int
    /// The item: a prompt, one of its forms, or a formula.
    public var prompt: String
    /// Its voice.
    public var voice: String
    /// What differs; never empty.
    public var kinds: [Kind]
    /// The LU by which it is louder; `nil` where the sound is the same.
    public var louder: Double?
    /// The clip of the first kit; `nil` if it was added.
    public var before: Clip?
    /// The clip of the second kit; `nil` if it was removed.
    public var after: Clip?
  }

  /// What differs between two clips.
  public enum Kind: String, Encodable, CaseIterable, Sendable {
    /// Only the second kit has it.
    case added
    /// Only the first kit has it.
    case removed
    /// Its sound differs.
    case recorded = "re-recorded"
    /// Its wording differs.
    case worded = "re-worded"
    /// Its wording differs and its sound does not: listeners hear the old words.
    case unspoken = "not re-recorded"
    /// Its back-translation differs.
    case translated = "back-translation"
    /// Its status, its proof, or whether it is synthetic differs.
    case status
    /// The speaker differs.
    case speaker
    /// Its loudness differs by `KitDiff.loudnessStep` or more.
    case louder, quieter
    /// Only the file differs: its sound and its text are the same.
    case file
  }

  /// The LU from which a difference of loudness is reported.
  public static let loudnessStep = 0.5

  /// Whether the kits are equal, apart from their signatures.
  public var isEmpty: Bool { changes.isEmpty && clips.isEmpty }

  /// Compares two kits. Clips whose hashes differ are read, and verified by their hashes.
  public init(_ old: KitFile, _ new: KitFile) throws(KitError) {
    compare(old.manifest, new.manifest)
    let tags = old.bundles.map(\.tag) + new.bundles.map(\.tag).filter { old.bundle($0) == nil }
    for tag in tags {
      let (before, after) = (old.bundle(tag), new.bundle(tag))
      compare(before, after, tag)
      try compareClips(before?.clips ?? [], after?.clips ?? [], tag, old, new)
    }
    let (one, two) = (old.bundles.map(\.tag), new.bundles.map(\.tag))
    let common = (one.filter(two.contains), two.filter(one.contains))
    if common.0 != common.1 {
      add("order of languages", common.0.joined(separator: " "), common.1.joined(separator: " "))
    }
  }

  private mutating func add(_ what: String, _ before: String?, _ after: String?) {
    if before != after { changes.append(Change(what: what, before: before, after: after)) }
  }

  private mutating func compare(_ old: KitManifest, _ new: KitManifest) {
    add("name", old.name, new.name)
    add("version", old.version, new.version)
    add("state", old.draft ? "DRAFT" : "released", new.draft ? "DRAFT" : "released")
    add("source", old.source, new.source)
    let ids = old.prompts.map(\.id) + new.prompts.map(\.id).filter { old.prompt($0) == nil }
    for id in ids {
      let (before, after) = (old.prompt(id), new.prompt(id))
      guard let before, let after else {
        add("prompt \(id)", before.map(Self.line), after.map(Self.line))
        continue
      }
      let place = "\(KitLayout.dialled(before.number)) \(id)"
      add("\(place): number", "\(before.number)", "\(after.number)")
      add("\(place): module", before.module, after.module)
      add("\(place): audience", before.audience.rawValue, after.audience.rawValue)
      add("\(place): answer", before.answer.rawValue, after.answer.rawValue)
      add("\(place): jurisdiction", "\(before.jurisdiction)", "\(after.jurisdiction)")
      add("\(place): title", before.title, after.title)
      add("\(place): caution", before.caution, after.caution)
      add("\(place): text", before.text, after.text)
      add("\(place): gate", before.gate, after.gate)
      add("\(place): names the signs", "\(before.namesSigns)", "\(after.namesSigns)")
    }
    add("answer modes", Self.line(old.answers), Self.line(new.answers))
    for id in Set(old.forms.keys).union(new.forms.keys).sorted() {
      add("\(id): form", old.forms[id], new.forms[id])
    }
    add("operator's voice", old.operatorLanguage, new.operatorLanguage)
    add("order of the finder", old.finder.languages.joined(separator: " "), new.finder.languages.joined(separator: " "))
    add("pause of the finder", "\(old.finder.pause) ms", "\(new.finder.pause) ms")
    for id in Set(old.sequences.map(\.id) + new.sequences.map(\.id)).sorted() {
      let (before, after) = (old.sequences.first { $0.id == id }, new.sequences.first { $0.id == id })
      add("sequence \(id)", before.map(Self.line), after.map(Self.line))
    }
    add("contacts", Self.lines(old.contacts), Self.lines(new.contacts))
    for tag in Set(old.operators.map(\.tag) + new.operators.map(\.tag)).sorted() {
      compare(old.operators.first { $0.tag == tag }, new.operators.first { $0.tag == tag }, tag)
    }
  }

  private mutating func compare(_ old: OperatorTexts?, _ new: OperatorTexts?, _ tag: String) {
    guard let old, let new else { return add("responder's texts in \(tag)", old?.autonym, new?.autonym) }
    for id in Set(old.prompts.keys).union(new.prompts.keys).sorted() {
      add("\(id) in \(tag): title", old.prompts[id]?.title, new.prompts[id]?.title)
      add("\(id) in \(tag): caution", old.prompts[id]?.caution, new.prompts[id]?.caution)
    }
    for language in Set(old.languages.keys).union(new.languages.keys).sorted() {
      add("\(language) in \(tag): name", old.languages[language], new.languages[language])
    }
  }

  private static func line(_ answers: KitAnswers) -> String {
    "\(answers.modes.map(\.rawValue).joined(separator: " ")), pause \(answers.pause) ms"
  }

  private static func line(_ prompt: KitPrompt) -> String { "\(KitLayout.dialled(prompt.number)) \(prompt.title)" }

  /// Returns a sequence's prompts, each with the seconds of silence after it.
  private static func line(_ sequence: KitSequence) -> String {
    "\(sequence.title): " + sequence.steps.map { "\($0.prompt) \(Double($0.pause) / 1000)" }.joined(separator: ", ")
  }

  private static func line(_ count: ApprovalCount) -> String {
    let keys = count.keys.isEmpty ? "" : " by \(count.keys.joined(separator: " "))"
    return "\(count.proved) proved\(keys), \(count.unproved) unproved"
  }

  private static func lines(_ contacts: [KitContact]) -> String {
    contacts.map { "\($0.kind.rawValue): \($0.name) \($0.phone) \($0.note)" }.joined(separator: "; ")
  }

  private mutating func compare(_ old: BundleManifest?, _ new: BundleManifest?, _ tag: String) {
    guard let old, let new else {
      return add(
        "language \(tag)", old.map { counted($0.clips.count, "clip") }, new.map { counted($0.clips.count, "clip") })
    }
    add("\(tag): number", "\(old.number)", "\(new.number)")
    add("\(tag): English name", old.english, new.english)
    add("\(tag): autonym", old.autonym, new.autonym)
    add("\(tag): script", "\(old.script) \(old.direction.rawValue)", "\(new.script) \(new.direction.rawValue)")
    add("\(tag): regions", old.regions.joined(separator: " "), new.regions.joined(separator: " "))
    add("\(tag): approvals", old.approvals.map(Self.line), new.approvals.map(Self.line))
    add("\(tag): fallback", old.fallback.joined(separator: " "), new.fallback.joined(separator: " "))
  }

  private mutating func compareClips(
    _ old: [Clip], _ new: [Clip], _ tag: String, _ oldKit: KitFile, _ newKit: KitFile
  ) throws(KitError) {
    func place(_ clip: Clip) -> String { "\(clip.item) \(clip.voice)" }
    let after = Dictionary(new.map { (place($0), $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(old.map(place))
    var found: [ClipChange] = []
    for clip in old {
      var (kinds, louder): ([Kind], Double?) = ([.removed], nil)
      if let other = after[place(clip)] { (kinds, louder) = try Self.kinds(clip, other, oldKit, newKit) }
      if kinds.isEmpty { continue }
      found.append(
        ClipChange(
          language: tag, number: clip.number, prompt: clip.item, voice: clip.voice, kinds: kinds, louder: louder,
          before: clip, after: after[place(clip)]))
    }
    for clip in new where !known.contains(place(clip)) {
      found.append(
        ClipChange(
          language: tag, number: clip.number, prompt: clip.item, voice: clip.voice, kinds: [.added], louder: nil,
          before: nil, after: clip))
    }
    clips += found.sorted { ($0.number, $0.prompt, $0.voice) < ($1.number, $1.prompt, $1.voice) }
  }

  private static func kinds(
    _ old: Clip, _ new: Clip, _ oldKit: KitFile, _ newKit: KitFile
  ) throws(KitError) -> ([Kind], louder: Double?) {
    var (kinds, louder): ([Kind], Double?) = ([], nil)
    if old.sha256 != new.sha256 {
      if OpusPackets.packets(of: try oldKit.bytes(of: old)) != OpusPackets.packets(of: try newKit.bytes(of: new)) {
        let step = (new.loudness - old.loudness).roundedToTenths
        kinds.append(.recorded)
        louder = step
        if abs(step) >= loudnessStep { kinds.append(step > 0 ? .louder : .quieter) }
      }
    }
    if old.wording != new.wording { kinds += kinds.contains(.recorded) ? [.worded] : [.worded, .unspoken] }
    if old.back != new.back { kinds.append(.translated) }
    if (old.status, old.proof, old.synthetic) != (new.status, new.proof, new.synthetic) { kinds.append(.status) }
    if old.speaker != new.speaker { kinds.append(.speaker) }
    if kinds.isEmpty && old != new { kinds.append(.file) }
    return (kinds, louder)
  }
}
