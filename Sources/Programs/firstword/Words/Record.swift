import ArgumentParser
import Capture
import Catalogue
import Glibc
import KitBuilder
import Posix
import Project
import RecordingSession

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record a speaker, message by message, with a microphone.",
    discussion: """
        firstword record ro --speaker Iris --project shelter
        firstword record ro --voice m1 --from 12         # from number 12 on, recorded or not
        firstword record ro/safe-here                    # one message, again

      The program first measures the room's noise for two seconds. Then it shows each missing message in its own \
      script with its meaning. Enter counts down from three and records until you press a key or the speaker is \
      silent. The program plays the take as a listener will hear it, and shows what 'firstword check' finds: k keeps \
      the take, r records it again, b records it again at once without a countdown, s skips the message, q quits. Run the same command later to continue with the \
      messages that are missing.

      A kept take is written to recordings/LANG/VOICE at once. A recording that it replaces moves to takes/.

      speakers.yaml says whose voice it is ('firstword speakers'): enter the speaker and the day of the consent there \
      first. One directory holds the recordings of one speaker.

      A good place is a small room with curtains and clothes. Place the microphone about 25 cm from the mouth, a \
      little to the side. The loudest words should reach -12 to -6 dB.
      """)

  @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
  var choice: String

  @Option(
    help: ArgumentHelp("Begin at this prompt, and include prompts that are recorded already.", valueName: "N"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "f1 is the first woman, m1 the first man. Default: the voice of the speaker, or f1.", valueName: "VOICE"))
  var voice: String?

  @Option(help: ArgumentHelp("The speaker's pseudonym in speakers.yaml.", valueName: "NAME"))
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
    if from != nil && choice.contains("/") { throw ValidationError("--from needs a whole language, not one prompt") }
  }

  func run() throws {
    guard Terminal.canAsk, isatty(1) == 1 else {
      throw Failure.impossible("recording needs a terminal; over SSH use 'ssh -t'")
    }
    // Before any thread starts, so that every thread blocks these signals and the loop alone receives them.
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
    try record(signals)
  }

  private func record(_ signals: borrowing FileDescriptor) throws {
    let workspace = try project.load()
    let items = try workspace.items(choice)
    let language = try workspace.language(tag)
    if items.isEmpty { throw Failure.impossible("the project has no words in \(language.english)") }
    let voice = try voice(of: language, workspace.speakers)
    let pipeline = ClipPipeline(workspace)
    let files = TakeFiles(pipeline, language: tag, voice: voice.name, rate: Microphone.rate)
    let microphone = try open()
    let configuration = RecordingSession.Configuration(
      items: items, first: try first(items), includesRecorded: from != nil || items.count == 1,
      recorded: files.recordedPrompts(of: items), check: pipeline.check, device: microphone.device,
      rate: Microphone.rate)
    let session = RecordingSession(configuration, bits: microphone.bits, at: .now)
    if session.isEnded {
      return print(
        "Every message is recorded in \(tag)/\(voice.name): \(tag)/PROMPT records one again, --from N all from N on.")
    }
    let terminal = RecordTerminal(
      session, voice: voice, files: files, microphone: microphone, player: try PreviewPlayer(pcm: pcm))
    try terminal.run(try Keyboard(), signals)
    summarize(terminal.session, voice, loss: terminal.loss)
  }

  private func summarize(_ session: RecordingSession, _ voice: SpeakerVoice, loss: CaptureError?) {
    let (missing, count) = (session.missingCount, session.configuration.items.count)
    print(
      """
      \(session.keptCount) kept, \(session.skippedCount) skipped in \(tag)/\(voice.name); \
      \(missing) of \(count) still missing.
      """)
    if missing > 0 { print("The same command continues where you stopped.") }
    if session.keptCount > 0, let obstacle = voice.releaseObstacle(on: Day.today()) {
      print("Before a release: \(obstacle).")
    }
    if let loss { Terminal.complain("\(loss)") }
  }

  private var tag: String { choice.split(separator: "/").first.map(String.init) ?? choice }

  private func voice(of language: Language, _ speakers: Speakers) throws -> SpeakerVoice {
    do throws(SpeakerVoiceError) {
      return try SpeakerVoice(speaker, voice: voice, language: language.tag, in: speakers.all)
    } catch { throw Failure.impossible("\(project.path(Speakers.name)): \(error)") }
  }

  /// Opens the microphone; lists those that exist where there is none of this name.
  private func open() throws -> Microphone {
    do throws(CaptureError) { return try Microphone(device: device) } catch {
      if error.isAbsent {
        let devices = CaptureDevice.all
        for device in devices { Terminal.remark("  --device \(device.name)  (\(device.description))") }
        if devices.isEmpty { Terminal.remark("  there is no microphone") }
      }
      throw error
    }
  }

  private func first(_ items: [ReviewItem]) throws -> Int {
    guard let from else { return 0 }
    let found = items.firstIndex { item in
      item.prompt.id == from || Int(from).map { $0 > 0 && item.prompt.number >= $0 } ?? false
    }
    if let found { return found }
    throw Failure.impossible(
      "no prompt of \(tag) is '\(from)' or comes after it\(Spelling.hint(from, items.map(\.prompt.id)))")
  }
}
