import BoardJSON
import Encoding

/// Rules for manifests beyond their JSON, checked before a kit is written and after it is read.
///
/// `KitFile` checks that the entries are what the manifests say.
extension KitManifest {
  /// Checks the manifest by itself.
  public func validate() throws(DocumentError) {
    try Rule.word(name, "name", alphabet: Rule.names, limit: 64)
    try Rule.word(version, "version", alphabet: Rule.versions, limit: 64)
    try Rule.tag(source, "source")
    if bundles.isEmpty { throw DocumentError("bundles", "there is none") }
    try Rule.count(bundles.count, "bundles", limit: 200)

    var (last, ids) = (0, Set<String>())
    for (index, prompt) in prompts.enumerated() {
      let key = "prompts[\(index)]"
      try Rule.range(prompt.number, "\(key).number", 1...299)
      if prompt.number <= last { throw DocumentError("\(key).number", "not above the number before it") }
      last = prompt.number
      try Rule.prompt(prompt.id, "\(key).id")
      if !ids.insert(prompt.id).inserted { throw DocumentError("\(key).id", "\(prompt.id) is there twice") }
      try Rule.word(prompt.module, "\(key).module", alphabet: Rule.ids, limit: 40)
      try Rule.text(prompt.title, "\(key).title", needed: true)
      try Rule.text(prompt.caution, "\(key).caution")
      try Rule.text(prompt.text, "\(key).text", needed: true)
      if AnswerMode(formula: prompt.id) != nil { throw DocumentError("\(key).id", "\(prompt.id) is a formula's") }
      if let gate = prompt.gate { try Rule.prompt(gate, "\(key).gate") }
      if prompt.module == KitPrompt.operatorModule, prompt.gate != nil || prompt.namesSigns {
        throw DocumentError(key, "a line of the device has neither a gate nor signs")
      }
    }

    var tags = Set<String>()
    for (index, bundle) in bundles.enumerated() {
      let key = "bundles[\(index)]"
      try Rule.tag(bundle.tag, "\(key).tag")
      if !tags.insert(bundle.tag).inserted { throw DocumentError("\(key).tag", "\(bundle.tag) is there twice") }
      if bundle.manifest != KitLayout.bundle(bundle.tag) {
        throw DocumentError("\(key).manifest", "not \(KitLayout.bundle(bundle.tag))")
      }
      try Rule.hash(bundle.sha256, "\(key).sha256")
    }
    if let tag = operatorLanguage, !tags.contains(tag) {
      throw DocumentError("operatorLanguage", "no bundle has the tag \(tag)")
    }
    try validateAnswers()
    try validateOrders(tags)
    try validateContacts()
    try validateOperators()
  }

  /// Checks the answer modes and the chosen forms. A gate's line must be the device's, where the kit has those lines.
  private func validateAnswers() throws(DocumentError) {
    if answers.modes.isEmpty { throw DocumentError("answers.modes", "there is none") }
    if Set(answers.modes).count != answers.modes.count { throw DocumentError("answers.modes", "one is there twice") }
    try Rule.range(answers.pause, "answers.pause", KitAnswers.pauses)
    for (id, form) in forms {
      if prompt(id) == nil { throw DocumentError("forms", "\(id) is no prompt of the kit") }
      if !Form.isName(form) { throw DocumentError("forms.\(id)", "cannot name a form") }
    }
    let lines = prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id)
    for (index, prompt) in prompts.enumerated() {
      if let gate = prompt.gate, operatorLanguage != nil, !lines.contains(gate) {
        throw DocumentError("prompts[\(index)].gate", "\(gate) is no line of the device")
      }
    }
  }

  /// Checks finder and sequences: they name only what the kit has, and each sequence has an unused id.
  private func validateOrders(_ tags: Set<String>) throws(DocumentError) {
    try Rule.range(finder.pause, "finder.pause", 1000...60_000)
    var found = Set<String>()
    for (index, tag) in finder.languages.enumerated() {
      if !tags.contains(tag) { throw DocumentError("finder.languages[\(index)]", "no bundle has the tag \(tag)") }
      if !found.insert(tag).inserted { throw DocumentError("finder.languages[\(index)]", "\(tag) is there twice") }
    }
    try Rule.count(sequences.count, "sequences", limit: 50)
    var taken = Set(prompts.map(\.id) + prompts.map(\.module))
    let listeners = Set(prompts.filter { $0.module != KitPrompt.operatorModule }.map(\.id))
    let gated = Set(prompts.filter { $0.gate != nil }.map(\.id))
    for (index, sequence) in sequences.enumerated() {
      let key = "sequences[\(index)]"
      try Rule.prompt(sequence.id, "\(key).id")
      if !taken.insert(sequence.id).inserted { throw DocumentError("\(key).id", "\(sequence.id) is taken") }
      try Rule.text(sequence.title, "\(key).title", needed: true)
      if sequence.steps.isEmpty { throw DocumentError("\(key).steps", "there is none") }
      try Rule.count(sequence.steps.count, "\(key).steps", limit: 100)
      for (place, step) in sequence.steps.enumerated() {
        if !listeners.contains(step.prompt) {
          throw DocumentError("\(key).steps[\(place)].prompt", "\(step.prompt) is no prompt for listeners")
        }
        if gated.contains(step.prompt) {
          throw DocumentError(
            "\(key).steps[\(place)].prompt", "\(step.prompt) is gated, and a sequence has no cautions")
        }
        try Rule.range(step.pause, "\(key).steps[\(place)].pause", 0...60_000)
      }
    }
  }

  private func validateContacts() throws(DocumentError) {
    try Rule.count(contacts.count, "contacts", limit: 50)
    for (index, contact) in contacts.enumerated() {
      let key = "contacts[\(index)]"
      try Rule.text(contact.name, "\(key).name", needed: true)
      try Rule.text(contact.phone, "\(key).phone", needed: contact.note.isEmpty)
      try Rule.text(contact.note, "\(key).note")
    }
  }

  private func validateOperators() throws(DocumentError) {
    try Rule.count(operators.count, "operators", limit: 20)
    var tags = Set<String>()
    for (index, texts) in operators.enumerated() {
      let key = "operators[\(index)]"
      try Rule.tag(texts.tag, "\(key).tag")
      if !tags.insert(texts.tag).inserted { throw DocumentError("\(key).tag", "\(texts.tag) is there twice") }
      try Rule.text(texts.autonym, "\(key).autonym", needed: true)
      try Rule.word(texts.script, "\(key).script", alphabet: Rule.letters, limit: 4)
      for (id, line) in texts.prompts {
        try Rule.prompt(id, "\(key).prompts")
        try Rule.text(line.title, "\(key).prompts.\(id).title", needed: true)
        try Rule.text(line.caution, "\(key).prompts.\(id).caution")
      }
      for (tag, name) in texts.languages {
        try Rule.tag(tag, "\(key).languages")
        try Rule.text(name, "\(key).languages.\(tag)", needed: true)
      }
    }
  }

  /// Checks the manifest against its bundles: no number is given to two languages or two prompts, clips have forms that
  /// their prompts can have, and a kit that is no draft has no draft. A question without a formula is not refused: it is
  /// unavailable, as `BundleManifest.message` says.
  ///
  /// - Parameter bundles: the manifests of `self.bundles`, in the same order.
  public func validate(with bundles: [BundleManifest]) throws(DocumentError) {
    try validateNumbers(bundles)
    if !draft { try validateRelease(bundles) }
  }

  /// Checks that every clip for listeners is an approved recording of a person. The responder may hear a draft or speech
  /// synthesis in a released kit.
  private func validateRelease(_ bundles: [BundleManifest]) throws(DocumentError) {
    let own = Set(prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    for bundle in bundles {
      for clip in bundle.clips where !own.contains(clip.prompt) {
        let fault = clip.synthetic ? "speech synthesis" : clip.status == .approved ? nil : clip.status.rawValue
        if let fault { throw DocumentError("draft", "is false, but \(clip.file) is \(fault)") }
      }
    }
  }

  private func validateNumbers(_ bundles: [BundleManifest]) throws(DocumentError) {
    var languages: [Int: String] = [:]
    var numbers = Dictionary(prompts.map { ($0.id, $0.number) }, uniquingKeysWith: { first, _ in first })
    var ids = Dictionary(prompts.map { ($0.number, $0.id) }, uniquingKeysWith: { first, _ in first })
    for (index, bundle) in bundles.enumerated() {
      let key = "bundles[\(index)]"
      if let other = languages.updateValue(bundle.tag, forKey: bundle.number) {
        throw DocumentError(key, "\(bundle.tag) has the number of \(other)")
      }
      for clip in bundle.clips where clip.kind == .message {
        if clip.form?.name != nil, prompt(clip.prompt).map({ !$0.namesSigns }) ?? false {
          throw DocumentError(key, "\(clip.file) is for an answer mode, and the prompt has one form for all modes")
        }
        if numbers[clip.prompt, default: clip.number] != clip.number
          || ids[clip.number, default: clip.prompt] != clip.prompt
        {
          throw DocumentError(key, "\(clip.file) has another number than the prompt has elsewhere in the kit")
        }
        numbers[clip.prompt] = clip.number
        ids[clip.number] = clip.prompt
      }
    }
  }
}

extension BundleManifest {
  /// The maximum size of a clip in bytes.
  public static let clipLimit = 8 << 20
  /// The maximum length of a clip in frames at 48 kHz: five minutes.
  public static let framesLimit = 5 * 60 * 48_000

  /// Checks the manifest by itself.
  public func validate() throws(DocumentError) {
    try Rule.tag(tag, "tag")
    try Rule.range(number, "number", 0...999)
    try Rule.text(english, "english", needed: true)
    try Rule.text(autonym, "autonym", needed: true)
    try Rule.word(script, "script", alphabet: Rule.letters, limit: 4)
    for (index, region) in regions.enumerated() {
      try Rule.word(region, "regions[\(index)]", alphabet: Rule.capitals, limit: 3)
    }
    for (index, other) in fallback.enumerated() { try Rule.tag(other, "fallback[\(index)]") }
    try approvals?.validate("approvals")
    try Rule.count(clips.count, "clips", limit: 2000)

    for (index, clip) in clips.enumerated() {
      do throws(DocumentError) { try clip.validate(tag: tag) } catch {
        throw DocumentError("clips[\(index)].\(error.key)", error.why)
      }
      if index > 0, clip.order <= clips[index - 1].order {
        throw DocumentError("clips[\(index)]", "not above the clip before it in number, prompt, form and voice")
      }
    }
  }
}

extension ApprovalCount {
  fileprivate func validate(_ key: String) throws(DocumentError) {
    try Rule.range(proved, "\(key).proved", 0...1_000_000)
    try Rule.range(unproved, "\(key).unproved", 0...1_000_000)
    try Rule.count(keys.count, "\(key).keys", limit: 1000)
    for (index, id) in keys.enumerated() {
      if KeyID(id) == nil { throw DocumentError("\(key).keys[\(index)]", "is no key id") }
      if index > 0, keys[index - 1] >= id { throw DocumentError("\(key).keys[\(index)]", "not above the id before it") }
    }
  }
}

extension Clip {
  /// The place of a clip in its bundle: by number, prompt, form, and voice.
  package var order: (Int, String, Form, String) { (number, prompt, form ?? .base, voice) }

  /// Checks a clip of the language `tag`.
  fileprivate func validate(tag: String) throws(DocumentError) {
    try Rule.prompt(prompt, "prompt")
    try validateForm()
    try Rule.word(voice, "voice", alphabet: Rule.ids, limit: 20)
    let place = KitLayout.clip(tag: tag, voice: voice, number: number, prompt: prompt, form: form ?? .base)
    if file != place { throw DocumentError("file", "not \(place)") }
    try Rule.hash(sha256, "sha256")
    try Rule.range(bytes, "bytes", 1...BundleManifest.clipLimit)
    try Rule.range(frames, "frames", 1...BundleManifest.framesLimit)
    try Rule.range(loudness, "loudness", -100...10)
    try Rule.range(peak, "peak", -100...20)
    try Rule.range(onset, "onset", 0...frames)
    try Rule.text(text, "text", needed: true)
    try Rule.text(back, "back")
    try Rule.hash(wording, "wording")
    if let speaker { try Rule.text(speaker, "speaker", needed: true) }
  }

  /// Checks that kind, number, prompt and form agree.
  private func validateForm() throws(DocumentError) {
    let isFormula = AnswerMode(formula: prompt) != nil
    if isFormula != (kind == .formula) {
      throw DocumentError("kind", "is \(kind.rawValue), and the prompt is \(prompt)")
    }
    try Rule.range(number, "number", isFormula ? 0...0 : 1...299)
    guard let form else { return }
    let modes = AnswerMode.allCases.filter { $0 != .base }.map(\.rawValue)
    let fits = isFormula ? form == .child : form.name.map(modes.contains) ?? form.isForChild
    if !fits {
      throw DocumentError("form", "'\(form.rawValue)' is no form of \(isFormula ? "a formula" : "a message")")
    }
    if number >= 100 { throw DocumentError("form", "a line of the device has one form only") }
  }
}
