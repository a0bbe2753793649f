extension ProjectFile {
  /// Returns the content of a new `kit.yaml`, with comments that explain it.
  ///
  /// - Parameters:
  ///   - name: the kit's name.
  ///   - languages: BCP 47 tags.
  ///   - prompts: ids; if there are none, the kit has all prompts for listeners.
  ///   - operatorLanguage: the tag of the language in which the device speaks to the responder; nil for tones.
  public static func text(
    name: String, languages: [String], prompts: [String] = [], operatorLanguage: String? = nil
  ) -> String {
    let list =
      prompts.isEmpty
      ? "# prompts: [language-name, raise-hand, safe-here]"
      : "prompts:\n" + prompts.map { "  - \($0)" }.joined(separator: "\n")
    return """
      # A kit: which messages, in which languages. `firstword check` validates it and its recordings;
      # `firstword build` packs them into one signed file.

      # Letters, digits and hyphens. Name and version identify the kit in the journal of every device.
      name: \(name)

      # Raise it for every kit that you hand out. Quoted, because 1.10 is not the number 1.1.
      version: "1.0"

      # In the order in which the responder steps through them: the likeliest first.
      # Quoted, because YAML reads some tags as other values. `firstword languages` lists all of them.
      languages:
      \(languages.map { "  - \"\($0)\"" }.joined(separator: "\n"))

      # The language in which the device speaks to the responder: names of languages, modes, errors. Without it the
      # device plays tones. Speech synthesis is allowed for it, even in a released kit. One of en, fr, es, de, ar, ru,
      # cmn-Hans.
      \(operatorLanguage.map { "operator-voice: \"\($0)\"" } ?? "# operator-voice: \"en\"")

      # The language finder: the listeners' likely regions of origin, the likeliest first (ISO 3166), and the seconds
      # after each language in which the listener can raise a hand. Without regions it uses the order above.
      # finder: { regions: [SY, AF, UA], pause: 5 }

      # The messages, by id. Without this list the kit contains every message for listeners.
      \(list)

      # Target loudness in LUFS, and maximum true peak in dBTP. Lower the target for use in quiet rooms.
      level:
        target: -16
        peak: -1.5

      # Bits per second, the encoder's complexity (0 to 10), and milliseconds of a frame (10, 20, 40 or 60).
      opus:
        bitrate: 24000
        complexity: 10
        frame: 20

      # Which approvals count. Without this line a name is enough, and one person can approve under two names. `proved`
      # counts only approvals that are signed with a reviewer's own key (`firstword approve --key`, `review --key`) whose
      # .pub file is in `reviewers/`; a kit with any other stays a DRAFT. `firstword info` shows how many are unproved.
      # approvals: proved

      # Limits of `firstword check` that differ from its defaults; each is optional.
      # check:
      #   quiet: -42              # LUFS: minimum loudness of a recording
      #   signal-to-noise: 20     # dB: minimum ratio of the voice to the room
      #   noise: -50              # dBFS: maximum noise of the room
      #   clipped: 2              # clipped peaks a second: a warning; from `distorted: 50` an error
      #   true-peak: 1            # dBTP: maximum
      #   offset: 2               # per cent of full scale: maximum DC offset
      #   before: 3               # seconds: maximum silence before the voice; `pause: 2` within; `after: 3`
      #   dropout: 1              # milliseconds: minimum length of a gap in the voice
      #   slow: 2                 # times the length expected for the text: maximum; `fast: 0.4`: minimum
      #   alike: 80               # per cent: from here two recordings are the same
      #   spread: 9               # LU: maximum distance from the language's median
      #   shortfall: 1            # LU: maximum distance of a clip below the target

      # Languages in which your responders read titles and cautions, besides English: ar, cmn-Hans, de, es, fr, ru.
      # operators: ["fr"]

      # Whom the responder calls: printed on the cards (`firstword card`). Every owner of the kit can read it.
      # kind: interpreter, hotline, medical, police, shelter, child, legal or other.
      # contacts:
      #   - kind: interpreter
      #     name: "Interpreters on call"
      #     phone: "+00 000 000 000"
      #     note: "Day and night. Say which language, and that a woman may be needed."

      # How listeners answer: card (they point to a square), hand (signs of one hand), tap (once yes, twice no), buttons
      # (in their own reach). The first is the default; a button changes between them. Only the formulas of these modes
      # are recorded. The pause is the silence in seconds between a question and its formula.
      # answers: { modes: [card, hand], pause: 0.8 }

      # Your office, which 'who-we-are' names: police, border, shelter or medical; without it the message names none.
      # `forms: { who-we-are: police }` says the same, and chooses among the forms of your own prompts.
      # who-we-are: shelter

      # Languages in reserve that this kit has all the same; they are in 'languages' too.
      # reserve: ["bin"]

      # Fallbacks that are off because they may frighten: from Ukrainian to Russian, for example.
      # fallbacks: [uk-ru]

      # Your own messages: Prompts/60-name.yaml to Prompts/99-name.yaml, in the form of the catalogue's.
      # Your own wordings: Languages/TAG.yaml with tag, drafted and wordings; they replace the catalogue's.

      """
  }
}
