import Capture
import Catalogue
import Diagnostics
import Kit
import KitBuilder
import Pages
import Posix
import Project
import RecordingSession

/// What a page shows before the booth is open.
struct BoothPlan: Encodable {
  var language: LanguageView
  /// The number of items with a wording.
  var items: Int
  var speakers: [SpeakerView]
  /// Names for the voices of new speakers.
  var free: FreeVoices
  var microphones: [MicrophoneView]
  /// Where the sound comes from, unless the person chooses otherwise.
  var source: BoothView.Source
  /// The PCM that is chosen.
  var device: String
  /// The booth that is open in this program.
  var open: BoothView?

  /// A speaker of the language.
  struct SpeakerView: Encodable {
    var pseudonym: String
    var voice: String
    var consent: String
    var withdrawn: String?
    /// The number of items that still have to be recorded.
    var missing: Int
    /// What keeps the recordings from being released.
    var obstacle: String?
  }

  /// The first names that no speaker has: of a woman's voice, and of a man's.
  struct FreeVoices: Encodable {
    var woman: String
    var man: String
  }

  /// A microphone of this machine.
  struct MicrophoneView: Encodable {
    var name: String
    var description: String
  }

  /// - Parameter pcm: the PCM that the program was started with; nil for the default one.
  init(_ store: ProjectStore, _ language: Language, _ snapshot: ProjectSnapshot, pcm: String?, open: BoothView?) {
    let workspace = snapshot.workspace
    let items = workspace.items(of: language)
    let local = workspace.speakers.all.filter { $0.language == language.tag }
    self.language = LanguageView(language)
    self.items = items.count
    speakers = local.compactMap { speaker in
      let voice = try? SpeakerVoice(
        speaker.pseudonym, voice: speaker.voice, language: language.tag, in: workspace.speakers.all)
      let setting = voice.map {
        Booth.Setting(
          id: "", store: store, language: language.tag, voice: $0, source: .browser(""), rate: Microphone.rate)
      }
      let recorded = setting.map { Booth.recorded($0, items, snapshot).count } ?? 0
      return SpeakerView(
        pseudonym: speaker.pseudonym, voice: speaker.voice, consent: speaker.consent, withdrawn: speaker.withdrawn,
        missing: items.count - recorded, obstacle: voice?.releaseObstacle(on: workspace.day ?? Day.today()))
    }
    func free(_ letter: String) -> String {
      var number = 1
      while local.contains(where: { $0.voice == "\(letter)\(number)" }) { number += 1 }
      return "\(letter)\(number)"
    }
    self.free = FreeVoices(woman: free("f"), man: free("m"))
    let devices = CaptureDevice.all
    microphones = devices.filter { $0.isChoice || $0.name == pcm }.map {
      MicrophoneView(name: $0.name, description: $0.description)
    }
    source = pcm != nil || devices.contains(where: \.isCard) ? .machine : .browser
    device = pcm ?? "default"
    if let pcm, !microphones.contains(where: { $0.name == pcm }) {
      microphones.insert(MicrophoneView(name: pcm, description: pcm), at: 0)
    }
    if pcm == nil, !microphones.contains(where: { $0.name == "default" }), !microphones.isEmpty {
      microphones.insert(MicrophoneView(name: "default", description: "the desktop's microphone"), at: 0)
    }
    self.open = open
  }
}

/// An open booth.
struct BoothView: Encodable {
  var id: String
  var project: String
  /// Grows with each change.
  var serial: Int
  var language: LanguageView
  var voice: String
  var speaker: String?
  /// What keeps the recordings from being released.
  var obstacle: String?
  var source: Source
  /// The microphone's name.
  var device: String
  var rate: Int
  var phase: Phase
  /// Why a take could not be written.
  var reason: String?
  var commands: [String]
  var countdown: Int
  /// The maximum length of a take in seconds.
  var longest: Double
  var items: [Entry]
  /// The index of the current item.
  var position: Int
  var item: Item
  var room: Room?
  var trial: Trial?
  var notice: String?
  /// The number of the clip that the pages play.
  var playing: Int?
  /// Why the microphone is lost, and what to do.
  var loss: String?
  var kept: Int
  var skipped: Int
  var missing: Int
  /// Of the countdown and the take: for a page that comes in between.
  var level: BoothLevel

  /// Where the sound comes from.
  enum Source: String, Codable { case machine, browser }

  /// Names of the session's phases.
  enum Phase: String, Encodable {
    case room, roomFindings, ready, countdown, recording, writing, unwritten, reviewing, confirming, keeping, ended

    init(_ phase: RecordingSession.Phase) {
      self =
        switch phase {
        case .measuringRoom: .room
        case .roomFindings: .roomFindings
        case .ready: .ready
        case .countdown: .countdown
        case .recording: .recording
        case .writing: .writing
        case .unwritten: .unwritten
        case .reviewing: .reviewing
        case .confirmingReplacement: .confirming
        case .keeping: .keeping
        case .ended: .ended
        }
    }
  }

  /// An item in the list of all.
  struct Entry: Encodable {
    var id: String
    var number: Int
    var title: String
    var kind: Clip.Kind
    var recorded: Bool
  }

  /// The current item.
  struct Item: Encodable {
    var id: String
    var number: Int
    var title: String
    var kind: Clip.Kind
    var form: String?
    /// As this voice says it.
    var text: String
    var back: String?
    var gloss: String?
    var source: String
    var caution: String
    var doubt: String?
    var signs: [Sign]
    /// What reviewers wrote about the wording, and about this voice's recording.
    var notes: [OpenNote]
    /// The recording's file; nil if there is none.
    var recording: String?
    /// The files of the other takes, the oldest first.
    var takes: [String]
  }

  /// A sign that the text names.
  struct Sign: Encodable {
    var mode: String
    var sign: String
  }

  /// The noise of the room.
  struct Room: Encodable {
    /// In dBFS; absent for digital silence.
    var level: Double?
    var findings: [CheckFinding]
  }

  /// What check finds in the take under review, with its figures.
  struct Trial: Encodable {
    /// The file's name.
    var take: String?
    var seconds: Double
    var findings: [CheckFinding]
    var measures: Measures?
    /// Whether there is a clip to hear.
    var audible: Bool
  }

  init(
    _ setting: Booth.Setting, _ session: RecordingSession, _ snapshot: ProjectSnapshot, _ files: TakeFiles,
    serial: Int, playing: Int?, loss: CaptureError?
  ) {
    let item = session.item
    id = setting.id
    self.serial = serial
    project = setting.store.id
    language = LanguageView(item.language)
    voice = setting.voice.name
    speaker = setting.voice.speaker?.pseudonym
    obstacle = setting.voice.releaseObstacle(on: snapshot.workspace.day ?? Day.today())
    switch setting.source {
    case .machine(let name): (source, device) = (.machine, name)
    case .browser(let name): (source, device) = (.browser, name)
    }
    rate = setting.rate
    phase = Phase(session.phase)
    if case .unwritten(let reason) = session.phase { self.reason = reason }
    commands = session.commands.map { "\($0)" }
    countdown = session.configuration.countdown
    longest = RecordingSession.maximumTake
    items = session.configuration.items.map {
      Entry(
        id: $0.prompt.id, number: $0.prompt.number, title: $0.prompt.title, kind: $0.prompt.kind,
        recorded: session.recorded.contains($0.prompt.id))
    }
    position = session.position
    self.item = Item(item, setting, snapshot, files)
    room = session.room.map {
      Room(level: $0.level.isFinite ? $0.level.hundredths : nil, findings: session.roomFindings)
    }
    trial = session.trial.map {
      Trial(
        take: session.take.map { Path($0.path).lastComponent }, seconds: $0.duration.hundredths,
        findings: $0.findings, measures: $0.measures, audible: $0.clip != nil)
    }
    notice = session.notice.map { "\($0)" }
    self.playing = playing
    self.loss = loss.map { "\($0)" }
    kept = session.keptCount
    skipped = session.skippedCount
    missing = session.missingCount
    level = BoothLevel(setting.id, session)
  }
}

extension BoothView.Item {
  init(_ item: ReviewItem, _ setting: Booth.Setting, _ snapshot: ProjectSnapshot, _ files: TakeFiles) {
    let workspace = snapshot.workspace
    let recording = files.recordings(of: item).first
    id = item.prompt.id
    number = item.prompt.number
    title = item.prompt.title
    kind = item.prompt.kind
    form = item.prompt.form.isBase ? nil : item.prompt.form.rawValue
    text = setting.voice.text(of: item)
    back = item.wording.shownBack
    gloss = item.wording.gloss
    source = item.prompt.translatorSource(in: workspace.catalogue.source)
    caution = item.prompt.caution
    doubt = item.wording.note
    signs = NamedSign.all(in: item.prompt).map { BoothView.Sign(mode: $0.mode.rawValue, sign: $0.sign.rawValue) }
    notes =
      OpenNote.all(onWording: item.hash, of: item.prompt.id, in: item.language.tag, workspace)
      + (recording.map { OpenNote.all(on: $0, setting.store.hashes, workspace) } ?? [])
    self.recording = recording.map { Path($0.path).lastComponent }
    takes = files.otherTakes(of: item).map { Path($0.path).lastComponent }
  }
}

/// The input level, and how far a countdown or a take is: sent up to 20 times a second.
struct BoothLevel: Encodable {
  var booth: String
  /// In dBFS, from -60.
  var peak: Double
  var held: Double
  var clipped: Bool
  var elapsed: Double
  /// Seconds of the countdown that are left.
  var left: Int
  /// Whether the speaker has begun.
  var speech: Bool
  /// Whether an open microphone gives no audio.
  var stalled: Bool

  init(_ booth: String, _ session: RecordingSession) {
    self.booth = booth
    peak = max(LevelMeter.floor, session.meter.peak).hundredths
    held = max(LevelMeter.floor, session.meter.held).hundredths
    clipped = session.meter.isClipped
    elapsed = session.elapsed.hundredths
    left = session.countdownLeft
    speech = session.hasSpeech
    stalled = session.isMicrophoneStalled(at: .now)
  }
}

/// What of a booth the pages have to know at once. Sound alone does not change it.
struct BoothFace: Equatable {
  private var phase: RecordingSession.Phase
  private var position: Int
  private var left: Int
  private var speech: Bool
  private var notice: RecordingSession.Notice?
  private var playing: Int?
  private var loss: CaptureError?
  private var recorded: Set<String>
  private var take: String?
  private var room: RoomNoise?

  init(_ session: RecordingSession, playing: Int?, loss: CaptureError?) {
    phase = session.phase
    position = session.position
    left = session.phase == .countdown ? session.countdownLeft : 0
    speech = session.phase == .recording && session.hasSpeech
    notice = session.notice
    self.playing = playing
    self.loss = loss
    recorded = session.recorded
    take = session.take?.path
    room = session.room
  }
}
