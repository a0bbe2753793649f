import Board
import Capture
import Catalogue
import Diagnostics
import Kit
import KitBuilder
import Pages
import Posix
import Project
import RecordingSession
import Web

extension Studio {
  /// What opens a booth.
  private struct BoothWish: Decodable {
    var speaker: String?
    var voice: String?
    var source: BoothView.Source
    /// The PCM, or the name of the browser's microphone.
    var device: String?
    /// Hz, of the browser's microphone.
    var rate: Int?
    var countdown: Int?
    /// The id of the item to begin with.
    var item: String?
    /// Whether recorded items are visited too.
    var all: Bool?
  }

  /// The routes of the booth.
  var boothRoutes: [Route] {
    let project = "/api/1/projects/:project"
    let booth = project + "/booths/:booth"
    // The longest take at the highest rate in 24 bits.
    let rule = UploadRule(bytes: 64 << 20) { request throws(Refusal) in
      try self.requireWritable()
      return Path(try self.store(request).directory)
    }
    return [
      Route("GET", project + "/booth/:language") { request throws(Refusal) in
        let store = try self.store(request)
        let snapshot = try store.read()
        let language = try self.language(request, in: snapshot.workspace)
        return .json(
          BoothPlan(store, language, snapshot, pcm: self.microphone, open: self.booths.open?.view))
      },
      Route("POST", project + "/booth/:language") { request throws(Refusal) in try self.openBooth(request) },
      Route("POST", project + "/speakers") { request throws(Refusal) in try self.addSpeaker(request) },
      Route("GET", booth) { request throws(Refusal) in
        let booth = try self.booth(request)
        if request.query["fresh"] != nil, !booth.isEnded { booth.refresh(try booth.setting.store.read()) }
        return .json(booth.view)
      },
      Route("POST", booth + "/command") { request throws(Refusal) in
        struct Wish: Decodable { var command: String }
        let name = try request.decode(Wish.self).command
        guard let command = RecordingSession.Command.allCases.first(where: { "\($0)" == name }) else {
          throw Refusal(400, "bad-request", "the booth has no command '\(name)'", "reload the page")
        }
        return .json(try self.booth(request).command(command))
      },
      Route("POST", booth + "/item") { request throws(Refusal) in
        struct Wish: Decodable { var item: String }
        guard let view = try self.booth(request).choose(item: try request.decode(Wish.self).item) else {
          throw Refusal(404, "not-found", "the booth has no such message", "choose one of the list")
        }
        return .json(view)
      },
      Route("POST", booth + "/choose") { request throws(Refusal) in
        struct Wish: Decodable { var take: String }
        guard let view = try self.booth(request).choose(take: try request.decode(Wish.self).take) else {
          throw Refusal(404, "not-found", "the message has no such take", "choose one of the list")
        }
        return .json(view)
      },
      Route("POST", booth + "/room", upload: rule) { request, upload throws(Refusal) in
        let booth = try self.booth(request)
        return .json(booth.report(.room(try Self.samples(upload, booth).samples)))
      },
      Route("POST", booth + "/take", upload: rule) { request, upload throws(Refusal) in
        let booth = try self.booth(request)
        guard booth.awaitsTake(of: request.query["item"] ?? "") else {
          throw Refusal(409, "conflict", "the booth does not wait for this take", "record it again")
        }
        let (samples, bits) = try Self.samples(upload, booth)
        return .json(booth.report(.take(samples, bits: bits, isTorn: request.query["torn"] != nil)))
      },
      Route("GET", booth + "/clips/:clip") { request throws(Refusal) in
        guard let clip = Int(request["clip"]).flatMap(try self.booth(request).clip) else {
          throw Refusal(404, "not-found", "this clip is not held any more", "hear it again")
        }
        return .content(clip, type: "audio/ogg", tag: "clip-\(request["clip"])", cache: "no-store", for: request.head)
      },
      Route("POST", booth + "/end") { request throws(Refusal) in
        let booth = try self.booth(request)
        booth.end()
        return .json(booth.view)
      },
      Route("GET", "/api/1/signs/:mode/:sign") { request throws(Refusal) in
        guard let mode = AnswerMode(rawValue: request["mode"]), let sign = AnswerSign(rawValue: request["sign"]) else {
          throw Refusal(404, "not-found", "there is no such sign", "reload the page")
        }
        let file = NamedSign(mode, sign).file
        return .content(
          file, type: "image/svg+xml", tag: "\(mode.rawValue)-\(sign.rawValue)", cache: "no-cache", for: request.head)
      },
    ]
  }

  /// Returns the booth that a request names. A page that asks keeps it open.
  private func booth(_ request: WebRequest) throws(Refusal) -> Booth {
    try booths.booth(request["booth"], project: try store(request).id)
  }

  /// Opens a booth for a speaker, by the rules of `firstword record`.
  private func openBooth(_ request: WebRequest) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(BoothWish.self)
    let store = try store(request)
    let snapshot = try store.read()
    let language = try language(request, in: snapshot.workspace)
    let items = snapshot.workspace.items(of: language)
    if items.isEmpty {
      throw Refusal(422, "refused", "the project has no words in \(language.english)", "write them first")
    }
    if let voice = wish.voice, voice == Take.synthetic || !RecordingTree.isVoice(voice) {
      throw Refusal(422, "refused", "'\(voice)' is no name of a voice", "name it f1, m1 or f2")
    }
    let voice: SpeakerVoice
    do throws(SpeakerVoiceError) {
      voice = try SpeakerVoice(
        wish.speaker, voice: wish.voice, language: language.tag, in: snapshot.workspace.speakers.all)
    } catch { throw Refusal(422, "refused", "\(error)", "choose another speaker") }
    let rate = wish.source == .machine ? Microphone.rate : wish.rate ?? 0
    let device = wish.device ?? microphone ?? "default"
    if !Recording.rates.contains(rate) {
      throw Refusal(422, "refused", "the browser's microphone gives \(rate) samples a second", "choose another one")
    }
    let source = wish.source == .machine ? Booth.Source.machine(device) : .browser(String(device.prefix(120)))
    let (booth, isNew) = try booths.enter { id throws(Refusal) in
      let setting = Booth.Setting(
        id: id, store: store, language: language.tag, voice: voice, source: source, rate: rate, cache: self.cache)
      let recorded = Booth.recorded(setting, items, snapshot)
      let first = wish.item.flatMap { id in items.firstIndex { $0.prompt.id == id } }
      var session = RecordingSession.Configuration(
        items: items, first: first ?? 0, includesRecorded: wish.all == true, recorded: recorded,
        check: ClipPipeline(snapshot.workspace).check, device: device, rate: rate)
      session.opensFirst = first != nil
      session.countdown = min(max(wish.countdown ?? session.countdown, 0), 5)
      session.keepsTakes = true
      session.input = wish.source == .machine ? .audio : .takes
      do throws(SystemError) {
        let booth = try Booth(setting, session: session, snapshot: snapshot, events: self.events) {
          self.publish(store)
        }
        try booth.start()
        return booth
      } catch { throw Refusal(500, "failed", "the booth cannot be opened: \(error)", "close other programs") }
    }
    if isNew { return .json(booth.view, status: 201) }
    let view = booth.view
    return .json(
      BoothConflict(
        errors: [
          Diagnostic(
            code: "conflict", path: "", message: "the booth is open for \(view.speaker ?? view.voice) already",
            remedy: "continue there, or end it first")
        ], current: view), status: 409)
  }

  private struct BoothConflict: Encodable {
    var errors: [Diagnostic]
    var current: BoothView
  }

  /// Enters a speaker with the consent into the project's file.
  private func addSpeaker(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      var pseudonym: String
      var language: String
      var voice: String
      var forChildren: Bool?
      var consent: String
      var licence: String
      var contact: String
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    let store = try store(request)
    let speaker = Speaker(
      pseudonym: wish.pseudonym, language: wish.language, voice: wish.voice, isForChildren: wish.forChildren == true,
      consent: wish.consent, licence: wish.licence, contact: wish.contact, file: "", line: 0)
    return try store.changing { () throws(Refusal) -> WebResponse in
      let workspace = try store.read().workspace
      do throws(DiagnosticsError) {
        try Speakers.add(
          speaker, to: Path(store.directory).appending(Speakers.name).string,
          tags: workspace.catalogue.languages.map(\.tag))
      } catch { throw Refusal(422, error.diagnostics) }
      self.publish(store)
      return .json([String: String](), status: 201)
    }
  }

  /// Reads what the page recorded; full scale is 32 bits.
  private static func samples(
    _ upload: Upload, _ booth: Booth
  ) throws(Refusal) -> (samples: [Int32], bits: Int) {
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(path: upload.path) } catch {
      throw Refusal(422, "refused", "the recording \(error)", "record it again")
    }
    if recording.rate != booth.setting.rate || recording.channels != 1 {
      throw Refusal(
        422, "refused", "the recording has \(recording.rate) Hz, and \(recording.channels) channels",
        "close the booth, and open it again")
    }
    // Samples of 24 bits are exact in a float.
    let samples = recording.samples.map { Int32(min(max(($0 * 0x1p23).rounded(), -0x1p23), 0x1p23 - 1)) << 8 }
    return (samples, samples.allSatisfy { $0 & 0xFFFF == 0 } ? 16 : 24)
  }
}
