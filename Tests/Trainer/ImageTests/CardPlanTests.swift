import CatalogueFixture
import Kit
import Posix
import TestSupport
import Testing

@testable import Image

@Suite("The plan of a card")
struct CardPlanTests {
  private let bench: ImageBench

  init() throws { bench = try ImageBench() }

  @Test("refuses a DRAFT for the field, and on a board for trials unless it is asked for")
  func drafts() throws {
    let kit = try bench.kit(draft: true)
    let field =
      "sample.kit: it is a DRAFT, and the board is for the field: build a release ('firstword build --release')"
    #expect(try bench.refusals(try bench.board(), kit) { $0.allowsDraft = true } == [field])
    let trial = try bench.board(use: "trial")
    #expect(
      try bench.refusals(trial, kit).first?.hasPrefix("sample.kit: it is a DRAFT: build a release, or add") == true)
    #expect(try bench.refusals(trial, kit) { $0.allowsDraft = true } == [])
  }

  @Test("refuses a kit that no trusted key signed, and no keys at all")
  func trust() throws {
    let kit = try bench.kit()
    _ = try SecretKey.generate(name: bench.file("other"), passphrase: nil)
    let other = try PublicKey(reading: bench.file("other.pub"))
    #expect(try bench.refusals(try bench.board(), kit, keys: [other]).first?.contains("sample.kit") == true)
    #expect(
      try bench.refusals(try bench.board(), kit, keys: [])
        == ["sample.kit: no key is trusted: name the publisher's .pub file by --trust"])
    #expect(try bench.refusals(try bench.board(), try bench.scratch.write("no.kit", "text")).count == 1)
  }

  @Test("refuses a board on which no language can be chosen, and a kit that needs a listener's buttons")
  func service() throws {
    let mute = try bench.refusals(try bench.board(choice: "may-stop"), try bench.kit())
    #expect(mute.count == 1 && mute[0].contains("no language can be chosen"))
    let buttons = try bench.refusals(try bench.board(), try bench.kit("buttons.kit", modes: [.buttons]))
    #expect(buttons.count == 1 && buttons[0].contains("no button of this board is the listener's own"))
    let both = try bench.plan(try bench.board(), try bench.kit("both.kit", modes: [.card, .buttons]))
    #expect(both.warnings.map(\.message).contains { $0.contains("no button of this board is the listener's own") })
    #expect(both.warnings.map(\.message).contains { $0.contains("no button changes between them") })
  }

  @Test("refuses computers that the image does not start, and warns of a chip that none of them has")
  func computers() throws {
    let kit = try bench.kit()
    let five = try bench.refusals(try bench.board(chip: "pinctrl-rp1"), kit)
    #expect(five.count == 1 && five[0].hasPrefix("b.yaml:12: its lines are a Raspberry Pi 5's"))
    let orange = try bench.refusals(Repository.directory + "/Hardware/boards/orange-pi.yaml", kit)
    #expect(orange.contains { $0.contains("the image starts a Raspberry Pi only") })
  }

  @Test("the volume is within the board's limits, the language the kit's, the serial a word")
  func settings() throws {
    let (board, kit) = (try bench.board(), try bench.kit())
    #expect(
      try bench.refusals(board, kit) { $0.volume = -31 }.first?.contains("outside of the board's -30.0 to 0.0") == true)
    #expect(
      try bench.refusals(board, kit) { $0.language = "fr" }.first?.contains("it only plays tones, not 'fr'") == true)
    #expect(try bench.refusals(board, kit) { $0.serial = "a b/c" }.count == 1)
    let plan = try bench.plan(board, kit) { settings in
      settings.volume = -12
      settings.keepsJournal = false
      settings.serial = "bus-07"
    }
    #expect(plan.board.sound.volume.standard == -12 && !plan.board.journal.isKept)
    let spoken = try bench.refusals(board, try bench.kit("spoken.kit", operatorLanguage: "ro")) { $0.language = "ro" }
    #expect(spoken == [])
  }

  @Test("the firmware gets the overlay of an I2S card, and pulls for lines without bias")
  func firmware() throws {
    let kit = try bench.kit()
    #expect(try bench.plan(try bench.board(), kit).firmware == [])
    let amplifier = try bench.board(pcm: "hw:CARD=MAX98357A", bias: "poll: 10")
    #expect(try bench.plan(amplifier, kit).firmware == ["dtoverlay=firstword-max98357a", "gpio=5,6,13=ip,pu"])
    let berry = try bench.board(pcm: "hw:CARD=sndrpihifiberry")
    #expect(try bench.plan(berry, kit).firmware == ["dtoverlay=firstword-pcm5102a"])
    let strange = try bench.refusals(try bench.board(pcm: "hw:CARD=wm8960soundcard"), kit)
    #expect(strange.count == 1 && strange[0].hasPrefix("b.yaml:6: the image has no overlay for the I2S card"))
    let jack = try bench.plan(try bench.board(pcm: "hw:CARD=Headphones"), kit)
    #expect(jack.firmware == ["dtparam=audio=on"])
    #expect(jack.warnings.contains { $0.line == 6 && $0.message.contains("untried") })
  }

  @Test("an image without a place for the firmware's lines is refused where they are needed")
  func place() throws {
    let bare = try ImageBench { $0.replacing("\"config\":{", with: "\"other\":{") }
    let kit = try bare.kit()
    #expect(try bare.refusals(try bare.board(), kit) == [])
    let refusals = try bare.refusals(try bare.board(pcm: "hw:CARD=MAX98357A"), kit)
    #expect(
      refusals == ["base.img: the image has no place for dtoverlay=firstword-max98357a: use an image of this release"])
  }
}
