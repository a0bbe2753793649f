// swift-tools-version: 6.0
import PackageDescription

/// A C library of the system: its headers through a module map and `shim.h`, and no policy.
func system(_ name: String, _ pkgConfig: String? = nil, _ debianPackage: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: debianPackage.map { [.apt([$0])] })
}

let package = Package(
  name: "firstword",
  products: [
    .executable(name: "firstword", targets: ["firstword"]),
    .executable(name: "firstwordd", targets: ["firstwordd"]),
    .library(name: "simcard", type: .dynamic, targets: ["simcard"]),
    .library(name: "heapspy", type: .dynamic, targets: ["heapspy"]),
    .library(name: "diskspy", type: .dynamic, targets: ["diskspy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: headers and link flags, no policy.
    system("CALSA", "alsa", "libasound2-dev"),
    system("CFuse", "fuse3", "libfuse3-dev"),
    system("CLinux"),
    system("CLoudness", "libebur128", "libebur128-dev"),
    system("COpusEnc", "libopusenc", "libopusenc-dev"),
    system("COpusFile", "opusfile", "libopusfile-dev"),
    system("CSndFile", "sndfile", "libsndfile1-dev"),
    system("CSodium", "libsodium", "libsodium-dev"),
    system("CZip", "libzip", "libzip-dev"),

    // What the tests of several modules share.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .target(name: "heapspy", path: "Tests/heapspy", cSettings: [.define("PIC")]),
    .target(name: "diskspy", path: "Tests/diskspy", cSettings: [.define("PIC")]),

    // What every side stands on.
    .target(name: "Posix", dependencies: ["CLinux"]),
    .target(name: "Opus", dependencies: ["COpusFile"]),
    .target(name: "Kit", dependencies: ["CSodium", "Posix"]),
    .testTarget(name: "KitTests", dependencies: ["Kit", "KitBuilder", "Posix"]),

    // The trainer's side.
    .target(name: "Catalogue", dependencies: ["Kit", "Posix", "Yams"]),
    .testTarget(name: "CatalogueTests", dependencies: ["Catalogue", "Kit", "Posix"]),
    .target(
      name: "KitBuilder",
      dependencies: ["Kit", "Catalogue", "Opus", "Posix", "COpusEnc", "CLoudness", "CSndFile", "CSodium", "CZip"]),
    .testTarget(name: "KitBuilderTests", dependencies: ["KitBuilder", "Catalogue", "Kit", "Opus", "Posix"]),

    .target(name: "Capture", dependencies: ["CALSA", "Posix"]),
    .testTarget(name: "CaptureTests", dependencies: ["CALSA", "Capture", "Posix", "Simulator"]),

    .target(name: "Exchange", dependencies: ["Catalogue", "Kit"]),
    .testTarget(name: "ExchangeTests", dependencies: ["Catalogue", "Exchange", "Kit", "Posix"]),

    .target(
      name: "Intake",
      dependencies: ["Catalogue", "Exchange", "Kit", "KitBuilder", "Posix", "CSodium", "CZip"]),
    .testTarget(name: "IntakeTests", dependencies: ["Catalogue", "Intake", "Kit", "KitBuilder", "Posix"]),

    .target(name: "Pages", dependencies: ["Catalogue", "Journal", "Kit"]),
    .testTarget(name: "PagesTests", dependencies: ["Pages", "Catalogue", "Journal", "Kit", "Posix"]),

    // The device's side.
    .target(name: "Playback", dependencies: ["CALSA", "Opus", "Posix"]),
    .testTarget(name: "PlaybackTests", dependencies: ["Playback"]),
    .target(name: "Buttons", dependencies: ["CLinux", "Posix"]),
    .testTarget(name: "ButtonsTests", dependencies: ["Buttons", "CLinux", "Posix", "Simulator", "TestSupport"]),
    .target(name: "Fittings", dependencies: ["Buttons", "Control", "Kit", "Playback", "Posix"]),
    .target(name: "SelfTest", dependencies: ["Buttons", "CLinux", "Fittings", "Kit", "Playback", "Posix"]),
    .testTarget(name: "SelfTestTests", dependencies: ["SelfTest"]),
    .target(name: "Console", dependencies: ["Kit", "Posix"]),
    .testTarget(name: "ConsoleTests", dependencies: ["Console", "Kit", "Posix"]),
    .target(name: "Journal", dependencies: ["Kit", "Posix"]),
    .testTarget(name: "JournalTests", dependencies: ["Journal", "Kit", "Posix"]),
    .target(
      name: "Control", dependencies: ["CLinux", "Kit", "Posix"], resources: [.embedInCode("control.schema.json")]),
    .testTarget(name: "ControlTests", dependencies: ["Control", "Posix", "TestSupport"]),

    // The tester's side: the lines, the card, the judge.
    .target(name: "simcard", cSettings: [.define("PIC")], linkerSettings: [.linkedLibrary("asound")]),
    .target(
      name: "Simulator",
      dependencies: [
        "Buttons", "CFuse", "CLinux", "Catalogue", "Control", "Fittings", "Kit", "KitBuilder", "Opus", "Playback",
        "Posix",
      ]),
    .testTarget(
      name: "SimulatorTests",
      dependencies: [
        "Buttons", "CALSA", "Catalogue", "Control", "Kit", "Opus", "Playback", "Posix", "Simulator", "TestSupport",
      ]),

    .executableTarget(
      name: "firstword",
      dependencies: [
        "Buttons", "Capture", "Catalogue", "Control", "Exchange", "Fittings", "Intake", "Journal", "Kit", "KitBuilder",
        "Opus", "Pages", "Playback", "Posix", "SelfTest", "Simulator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "firstwordd",
      dependencies: [
        "Buttons", "Console", "Control", "Fittings", "Journal", "Kit", "Playback", "Posix", "SelfTest",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "firstwordTests",
      // The programs and the card are run, not linked: every build makes them.
      dependencies: [
        "Catalogue", "Console", "Control", "Journal", "Kit", "KitBuilder", "Opus", "Posix", "SelfTest", "Simulator",
        "TestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Tests/fuzz alone builds this: it needs a Swift that has libFuzzer.
if Context.environment["FIRSTWORD_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/fuzz.d/CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzzer", "Catalogue", "Console", "Control", "Exchange", "Intake", "Journal", "Kit", "KitBuilder", "Opus",
        "Posix",
      ],
      path: "Tests/fuzz.d/Fuzz"),
  ]
}
