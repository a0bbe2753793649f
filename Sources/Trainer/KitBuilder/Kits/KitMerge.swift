import Diagnostics
import Encoding
import Kit

/// Merges kits of several publishers into one. Each bundle keeps its bytes and its publisher's signatures; the new
/// `kit.json` is signed by the person who merges.
public struct KitMerge: Sendable {
  /// A kit and the languages to take from it.
  public struct Part: Sendable {
    /// The open kit.
    public let kit: KitFile
    /// The tags of the languages to take; `nil` for all.
    public let languages: [String]?

    /// Creates a part.
    public init(_ kit: KitFile, languages: [String]? = nil) {
      self.kit = kit
      self.languages = languages
    }

    fileprivate func takes(_ tag: String) -> Bool { languages?.contains(tag) ?? true }

    /// The language in which its device speaks to the responder; nil if that is not taken.
    fileprivate var voice: String? { kit.manifest.operatorLanguage.flatMap { takes($0) ? $0 : nil } }

    /// Returns whether only the responder hears its clips.
    fileprivate func isVoiceOnly(_ bundle: BundleManifest) -> Bool {
      bundle.tag == voice
        && bundle.clips.allSatisfy { kit.manifest.prompt($0.prompt)?.module == KitPrompt.operatorModule }
    }
  }

  /// Why kits cannot be merged.
  public struct Conflicts: Error, Equatable, Sendable, CustomStringConvertible, SeveralLines {
    /// A line for each conflict; never empty.
    public let lines: [String]
    /// All lines.
    public var description: String { lines.joined(separator: "\n") }
  }

  /// The manifest of the merged kit; it has the name and version of the first part, and its `bundles` are in the order of
  /// the parts.
  public private(set) var manifest: KitManifest
  /// Differences that are no conflicts, and how each was resolved.
  public private(set) var notes: [String] = []
  private var taken: [Taken] = []
  private var conflicts: [String] = []

  private struct Taken: Sendable {
    let part: Part
    let bundle: BundleManifest
    let entry: BundleEntry
    /// Kits with the same bundle; their signatures on it are added.
    var others: [KitFile] = []
  }

  /// Compares the manifests of the parts; no clip is read.
  ///
  /// - Parameter parts: at least one. Where only texts for the responder differ, the first part's are kept.
  /// - Throws: all conflicts.
  public init(_ parts: [Part]) throws(Conflicts) {
    manifest = parts[0].kit.manifest
    manifest.draft = parts.contains { $0.kit.manifest.draft }
    (manifest.prompts, manifest.bundles, manifest.contacts, manifest.operators) = ([], [], [], [])
    (manifest.operatorLanguage, manifest.finder.languages, manifest.sequences) = (nil, [], [])
    let modes = manifest.answers.modes.filter { mode in
      parts.allSatisfy { $0.kit.manifest.answers.modes.contains(mode) }
    }
    if modes.isEmpty {
      conflicts.append(
        "the kits have no answer mode in common; \(parts[0].kit.path) has "
          + "\(manifest.answers.modes.map(\.rawValue).joined(separator: ", ")): "
          + "build one of them again with a mode of the others")
    } else {
      if parts.contains(where: { $0.kit.manifest.answers.modes.count > modes.count }) {
        notes.append(
          "answer modes that not all kits offer are left out; kept \(modes.map(\.rawValue).joined(separator: ", "))")
      }
      manifest.answers.modes = modes
    }
    for part in parts {
      for (id, form) in part.kit.manifest.forms {
        if let known = manifest.forms[id], known != form {
          conflicts.append(
            "\(part.kit.path): '\(id)' is that of \(form), in a kit before it that of \(known); one kit speaks for one office"
          )
        } else {
          manifest.forms[id] = form
        }
      }
      add(part.kit.manifest.prompts, of: part)
      addLanguages(of: part)
      add(part.kit.manifest.operators)
      add(part.kit.manifest.sequences, of: part)
      manifest.finder.languages += part.kit.manifest.finder.languages.filter {
        part.takes($0) && !manifest.finder.languages.contains($0)
      }
      for contact in part.kit.manifest.contacts where !manifest.contacts.contains(contact) {
        manifest.contacts.append(contact)
      }
      if part.kit.manifest.source != manifest.source {
        conflicts.append(
          "\(part.kit.path): its prompts are written in \(part.kit.manifest.source), those of \(parts[0].kit.path) in "
            + "\(manifest.source); kits go together only where both are written in one language")
      }
    }
    if !conflicts.isEmpty { throw Conflicts(lines: conflicts) }
    manifest.prompts.sort { $0.number < $1.number }
    manifest.bundles = taken.map(\.entry)
    let tags = taken.map(\.bundle.tag)
    manifest.operatorLanguage = parts.compactMap(\.voice).first(where: tags.contains)
  }

  private mutating func add(_ prompts: [KitPrompt], of part: Part) {
    for prompt in prompts {
      if let known = manifest.prompt(prompt.id) {
        compare(known, prompt, part)
      } else if let other = manifest.prompts.first(where: { $0.number == prompt.number }) {
        conflicts.append(
          "\(part.kit.path): prompt \(prompt.number) is \(prompt.id), in a kit before it \(other.id); a local prompt "
            + "needs another number in one of the two projects")
      } else {
        manifest.prompts.append(prompt)
      }
    }
  }

  private mutating func compare(_ known: KitPrompt, _ prompt: KitPrompt, _ part: Part) {
    if known.number != prompt.number {
      conflicts.append(
        "\(part.kit.path): \(prompt.id) has the number \(prompt.number), in a kit before it \(known.number); build one "
          + "of the two again with the other's prompts")
    } else if (known.answer, known.audience, known.module) != (prompt.answer, prompt.audience, prompt.module)
      || known.namesSigns != prompt.namesSigns
    {
      conflicts.append(
        "\(part.kit.path): \(prompt.id) asks for another answer, speaks to others or stands in another module than in "
          + "a kit before it; build one of the two again with the other's prompts")
    } else if known.text != prompt.text {
      notes.append(
        "\(part.kit.path): \(prompt.id) says '\(prompt.text)', the first kit '\(known.text)'; kept the first")
    } else if known != prompt {
      notes.append("\(part.kit.path): title or caution of \(prompt.id) differs; kept that of the first kit")
    }
  }

  private mutating func addLanguages(of part: Part) {
    for tag in part.languages ?? [] where part.kit.bundle(tag) == nil {
      conflicts.append(
        "\(part.kit.path): no language '\(tag)' in it; it has \(part.kit.bundles.map(\.tag).joined(separator: ", "))")
    }
    for (entry, bundle) in zip(part.kit.manifest.bundles, part.kit.bundles) where part.takes(bundle.tag) {
      if let index = taken.firstIndex(where: { $0.bundle.tag == bundle.tag }) {
        let known = taken[index]
        if known.entry.sha256 == entry.sha256 {
          taken[index].others.append(part.kit)
          notes.append("\(part.kit.path): \(bundle.tag) is the same as in \(known.part.kit.path); taken once")
        } else if part.isVoiceOnly(bundle) {
          notes.append("\(part.kit.path): the device's own voice in \(bundle.tag) is that of \(known.part.kit.path)")
        } else {
          conflicts.append(
            "\(part.kit.path): \(bundle.tag) is in \(known.part.kit.path) too, and not the same; name the languages "
              + "that you want of one of them, such as \(part.kit.path):\(others(part, than: bundle.tag))")
        }
      } else if let known = taken.first(where: { $0.bundle.number == bundle.number }) {
        conflicts.append(
          "\(part.kit.path): \(bundle.tag) has the number \(bundle.number), which is that of \(known.bundle.tag) in "
            + "\(known.part.kit.path); a local language needs another number in one of the two projects")
      } else {
        taken.append(Taken(part: part, bundle: bundle, entry: entry))
      }
    }
  }

  /// Returns the part's languages except one, in the form of an argument.
  private func others(_ part: Part, than tag: String) -> String {
    let tags = part.kit.bundles.map(\.tag).filter { $0 != tag && part.takes($0) }
    return tags.isEmpty ? "TAG" : tags.joined(separator: ",")
  }

  private mutating func add(_ sequences: [KitSequence], of part: Part) {
    for sequence in sequences {
      if let known = manifest.sequences.first(where: { $0.id == sequence.id }) {
        if known != sequence { notes.append("\(part.kit.path): sequence \(sequence.id) differs; kept the first kit's") }
      } else {
        manifest.sequences.append(sequence)
      }
    }
  }

  private mutating func add(_ operators: [OperatorTexts]) {
    for texts in operators {
      guard let index = manifest.operators.firstIndex(where: { $0.tag == texts.tag }) else {
        manifest.operators.append(texts)
        continue
      }
      manifest.operators[index].prompts.merge(texts.prompts) { first, _ in first }
      manifest.operators[index].languages.merge(texts.languages) { first, _ in first }
    }
  }

  /// Writes the merged kit. An existing file is replaced as a whole or not at all. The same parts, name, version and key
  /// give the same bytes.
  ///
  /// - Throws: `KitError` for a damaged part, `PackError` where the kit would be refused or cannot be written.
  @discardableResult
  public func write(
    name: String, version: String, signedBy key: SecretKey, to path: String
  ) throws -> KitManifest {
    var kit = manifest
    (kit.name, kit.version) = (name, version)
    let whole = kit
    try Pack.check(KitLayout.manifest) { () throws(DocumentError) in
      try whole.validate()
      try whole.validate(with: taken.map(\.bundle))
    }
    var entries: KitParts.Entries = []
    for taken in taken {
      entries += try signedManifest(taken) + KitParts.clips(of: taken.bundle, in: taken.part.kit)
    }
    let document = try Pack.encode(kit, KitLayout.manifest)
    entries.append((KitLayout.manifest, document))
    entries.append((KitLayout.signature(of: KitLayout.manifest), try Pack.sign(document, key, Pack.comment(kit))))
    try Pack.write(entries, to: path)
    return kit
  }

  /// Returns the entries of a bundle's manifest and all its signatures, one for each key.
  private func signedManifest(_ taken: Taken) throws(KitError) -> KitParts.Entries {
    func document(in kit: KitFile) throws(KitError) -> KitFile.Document {
      let name = taken.entry.manifest
      if let document = try kit.documents().first(where: { $0.name == name }) { return document }
      throw KitError(kit.path, name, .missing)
    }
    let own = try document(in: taken.part.kit)
    var entries = KitParts.entries(of: own)
    var keys = Set(own.signatures.map(\.signature.key))
    for kit in taken.others {
      for (_, signature) in try document(in: kit).signatures where keys.insert(signature.key).inserted {
        entries.append((KitLayout.signature(of: own.name, by: signature.key), signature.file))
      }
    }
    return entries
  }
}
