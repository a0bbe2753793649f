import ArgumentParser
import Capture
import Catalogue
import Glibc
import KitBuilder
import Posix

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record a speaker, message by message, with a microphone.",
    discussion: """
        firstword record ro --speaker Iris --project shelter
        firstword record ro --voice m1 --from 12         # from number 12 on, recorded or not
        firstword record ro/safe-here                    # one message, anew

      First the room is heard for two seconds. Then each message that is missing is shown in its own letters, with what \
      it means: Enter counts down from three and records until a key is pressed or the speaker is silent. You hear it \
      as a listener will, and read what 'firstword check' would say of it: k keeps it, r records it again, s skips it, \
      q quits. The same command goes on later where recordings are missing.

      What is kept lies in recordings/LANG/VOICE at once. A recording that another one replaces is moved to takes/.

      Whose voice it is stands in speakers.yaml ('firstword speakers'): write the speaker there first, with the day of \
      the consent. One directory is one speaker's.

      A good place: a small room with curtains and clothes, a hand's breadth and a half from the microphone, a little \
      beside it. The loudest words at -12 to -6 dB.
      """)

  @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
  var choice: String

  @Option(help: ArgumentHelp("Begin at this prompt, and show those too that are recorded.", valueName: "N"))
  var from: String?

  @Option(
    help: ArgumentHelp("f1 the first woman, m1 the first man; the speaker's, or f1, without it.", valueName: "VOICE"))
  var voice: String?

  @Option(help: ArgumentHelp("The speaker's pseudonym, as speakers.yaml has it.", valueName: "NAME"))
  var speaker: String?

  @Option(help: ArgumentHelp("ALSA PCM to record from.", valueName: "NAME"))
  var device = "default"

  @Option(help: ArgumentHelp("ALSA PCM to play to.", valueName: "NAME"))
  var pcm = "default"

  @OptionGroup var project: ProjectOption

  func validate() throws {
    if let voice, voice == Take.synthetic || !RecordingTree.isVoice(voice) {
      throw ValidationError("--voice takes a name such as f1, m1 or f2")
    }
    if from != nil && choice.contains("/") { throw ValidationError("--from is for a whole language") }
  }

  func run() throws {
    guard Terminal.canAsk, isatty(1) == 1 else {
      throw Failure.impossible("a recording is made on a terminal, and there is none; over SSH use 'ssh -t'")
    }
    // Before any thread is made: the signals come to the loop alone.
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
    try record(signals)
  }

  private func record(_ signals: borrowing FileDescriptor) throws {
    let build = try project.load()
    let items = try build.items(choice)
    let voice = try SpeakerVoice(speaker, voice: self.voice, language: try build.language(tag), build, project)
    let directory = TakeDirectory(project: build.directory, language: tag, voice: voice.name)
    let microphone = try open()
    let session = try RecordSession(
      build: build, items: items, first: try first(items), goesThroughAll: from != nil || items.count == 1,
      directory: directory, voice: voice, microphone: microphone, ear: try Ear(pcm: pcm))
    if session.isDone {
      return print(
        "All of it is recorded in \(tag)/\(voice.name): \(tag)/PROMPT records one anew, --from N all from there.")
    }
    try session.run(try Keyboard(), signals)
    session.sum()
  }

  private var tag: String { choice.split(separator: "/").first.map(String.init) ?? choice }

  /// A name that is none is answered with those that there are.
  private func open() throws -> Microphone {
    do throws(CaptureError) { return try Microphone(device: device) } catch {
      if error.isAbsent {
        let devices = CaptureDevice.all
        for device in devices { Terminal.remark("  --device \(device.name)  (\(device.words))") }
        if devices.isEmpty { Terminal.remark("  there is no microphone at all") }
      }
      throw error
    }
  }

  private func first(_ items: [ReviewItem]) throws -> Int {
    guard let from else { return 0 }
    let found = items.firstIndex { item in
      item.prompt.id == from || Int(from).map { item.prompt.number >= $0 } ?? false
    }
    if let found { return found }
    throw Failure.impossible(
      "no prompt of \(tag) is '\(from)' or comes behind it\(Spelling.hint(from, items.map(\.prompt.id)))")
  }
}

/// Whose voice is recorded.
struct SpeakerVoice {
  /// The directory: `f1`.
  let name: String
  /// `nil` where nobody is known.
  let speaker: Speaker?

  /// - Throws: where the speaker is not known under that name or voice, or does not consent.
  init(
    _ pseudonym: String?, voice: String?, language: Language, _ build: KitBuild, _ project: ProjectOption
  ) throws {
    let file = project.path(Speakers.name)
    let here = build.speakers.all.filter { $0.language == language.tag }
    if let pseudonym {
      let own = here.filter { PersonName($0.pseudonym) == PersonName(pseudonym) }
      guard let first = own.first else {
        throw Failure.impossible(
          "\(file): no speaker '\(pseudonym)' of \(language.tag)\(Spelling.hint(pseudonym, here.map(\.pseudonym))): "
            + "write the speaker there first, with voice, day of consent, licence and contact")
      }
      if let voice, !own.contains(where: { $0.voice == voice }) {
        throw Failure.impossible(
          "\(file): '\(pseudonym)' is \(language.tag)/\(first.voice), not \(language.tag)/\(voice): leave --voice out")
      }
      name = voice ?? first.voice
    } else {
      let consenting = here.filter { $0.withdrawn == nil }
      name = voice ?? (consenting.count == 1 ? consenting[0].voice : "f1")
    }
    let name = name
    speaker = here.first { $0.voice == name }
    if let speaker, let day = speaker.withdrawn {
      throw Failure.impossible(
        "\(file): '\(speaker.pseudonym)' took back the consent on \(day): record another speaker under another "
          + "voice, such as f2")
    }
  }

  /// What a release waits for.
  var lack: String? {
    guard let speaker else { return "nobody is known to speak it: write the speaker into \(Speakers.name)" }
    if speaker.consents(on: today()) { return nil }
    return "'\(speaker.pseudonym)' consents from \(speaker.consent) on only"
  }
}
