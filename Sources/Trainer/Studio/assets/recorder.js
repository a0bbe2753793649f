// Records from the browser's microphone without a gap: every block has frame numbers, and a time by another clock, so
// that a loss shows wherever it happened. Knows nothing of the studio.

/** What a browser may do to a voice, and must not. */
const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }

/** Seconds to wait for the first sound, and after it: the first moments of a microphone have jumps. */
const patience = 10
const settling = 1
/** Milliseconds for which a take goes on when it is ended. */
const tail = 150
/** Milliseconds by which frames and clock may differ; a loss is longer. Clocks drift by less during a take. */
const tolerance = 40
/** The number of blocks whose median is compared: the clock of a single block is not exact. */
const compared = 9

export class Recorder {
  /**
   * Asks for the microphone, and waits until it sounds. Call it from a click or a key: a browser wants one.
   *
   * @param {object} options
   * @param {string} options.worklet address of recorder-worklet.js.
   * @param {function({peak: number, rms: number, isClipped: boolean}): void} [options.onLevel] called some 40 times a
   *   second, during a take or not; full scale is 1.
   * @param {function(string): void} [options.onEnd] called when the microphone is gone, with the reason.
   * @param {string} [options.deviceId] of one microphone.
   * @returns {Promise<Recorder>}
   */
  static async open({ worklet, onLevel, onEnd, deviceId }) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("this browser gives this page no microphone: open the page in another browser, on a laptop")
    }
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, ...processing, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) } })
    const recorder = new Recorder(stream, onLevel ?? (() => {}), onEnd ?? (() => {}))
    try {
      await recorder.begin(worklet)
      return recorder
    } catch (error) {
      recorder.close()
      throw error
    }
  }

  constructor(stream, onLevel, onEnd) {
    this.stream = stream
    this.onLevel = onLevel
    this.onEnd = onEnd
    const [track] = stream.getAudioTracks()
    this.track = track
    /** The microphone's name. */
    this.label = track.label
    this.settings = track.getSettings()
    /** The kinds of processing that the browser does not turn off. */
    this.unwanted = Object.keys(processing).filter((name) => Boolean(this.settings[name]))
    this.take = null
    this.lags = []
    track.onended = () => this.lose("the microphone is gone")
    // A muted track gives silence that nobody spoke.
    track.onmute = () => { if (this.take) this.take.isTorn = true }
  }

  async begin(worklet) {
    const first = new Promise((resolve, reject) => {
      this.onFirst = resolve
      setTimeout(() => reject(new Error("the microphone gives no sound: choose another one in the browser's settings")),
        patience * 1000)
    })
    first.catch(() => {})
    if (!this.readTrack()) await this.readGraph(worklet)
    await first
    await wait(settling * 1000)
  }

  /**
   * Reads the microphone's own blocks, which no other clock's buffer can lose. Chromium has them.
   *
   * @returns {boolean} whether this browser has them.
   */
  readTrack() {
    let reader
    try {
      // What comes while the page is busy waits there.
      reader = new MediaStreamTrackProcessor({ track: this.track, maxBufferSize: 3000 }).readable.getReader()
    } catch {
      return false
    }
    this.reader = reader
    // The clock of the blocks has a beginning of its own: the shortest way to this page shows where.
    let [first, way] = [0, Infinity]
    const read = async () => {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        const samples = new Float32Array(value.numberOfFrames)
        value.copyTo(samples, { planeIndex: 0, format: "f32-planar" })
        this.rate ??= value.sampleRate
        if (value.sampleRate !== this.rate) this.lose("the microphone's rate changed")
        const clock = value.timestamp / 1000 + samples.length * 1000 / this.rate
        value.close()
        way = Math.min(way, Date.now() - clock)
        this.hear({ first, samples, clock, end: clock + way, isTorn: false })
        first += samples.length
      }
    }
    read().catch(() => this.lose("the microphone is gone"))
    return true
  }

  /** Reads blocks of an audio graph, whose clock is that of the loudspeaker. */
  async readGraph(worklet) {
    // A context at another rate than the microphone's would resample. Firefox does not say the rate.
    let own = this.settings.sampleRate
    if (!own) {
      const probe = new AudioContext()
      own = probe.sampleRate
      await probe.close()
    }
    this.context = new AudioContext({ sampleRate: own, latencyHint: "playback" })
    this.rate = this.context.sampleRate
    await this.context.audioWorklet.addModule(worklet)
    const node = new AudioWorkletNode(this.context, "recorder", { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1,
      channelCountMode: "explicit", channelInterpretation: "discrete" })
    let last = Infinity
    node.port.onmessage = ({ data }) => {
      // A graph that stood still catches up, but the buffer before it may have been full.
      const isLate = data.clock - last - data.samples.length * 1000 / this.rate > tolerance
      last = data.clock
      this.hear({ ...data, end: data.clock, isTorn: data.isTorn || isLate })
    }
    this.source = this.context.createMediaStreamSource(this.stream)
    this.source.connect(node)
    // Without a click or a key it hangs; then no sound comes either.
    this.context.resume().catch(() => {})
  }

  /**
   * Takes over a block.
   *
   * @param {object} block
   * @param {number} block.first the number of its first frame.
   * @param {Float32Array} block.samples
   * @param {number} block.clock when it ended, in milliseconds of any clock but that of the frames.
   * @param {number} block.end when it ended, as `Date.now()` has it.
   * @param {boolean} block.isTorn whether it is known that audio is missing before it.
   */
  hear({ first, samples, clock, end, isTorn }) {
    this.onFirst()
    this.onLevel(levelOf(samples))
    this.lags.push(clock - (first + samples.length) * 1000 / this.rate)
    if (this.lags.length > compared) this.lags.shift()
    const lag = median(this.lags)
    const take = this.take
    if (!take) return
    // The frames before the take began are left out, however late their block is handed over.
    const early = take.count > 0 ? 0 : (take.from - end) * this.rate / 1000 + samples.length
    const skip = Math.min(Math.max(Math.round(early), 0), samples.length)
    if (skip < samples.length) {
      if (take.count === 0) take.lag = lag
      else if (isTorn || first !== take.next) take.isTorn = true
      if (Math.abs(lag - take.lag) > tolerance) take.isTorn = true
      take.parts.push(skip > 0 ? samples.subarray(skip) : samples)
      take.count += samples.length - skip
      take.next = first + samples.length
    }
    if (end >= take.until) take.onEnd()
  }

  /** The frames that the browser lost before this page could get them; 0 where it does not count them. */
  get lost() {
    const { stats } = this.track
    return stats ? stats.totalFrames - stats.deliveredFrames : 0
  }

  /** Begins a take with the frames that sound from now on. A take that runs is thrown away. */
  start() {
    this.take = { from: Date.now(), until: Infinity, parts: [], count: 0, lost: this.lost, isTorn: false }
  }

  /** Throws away the take that runs. */
  drop() {
    this.take = null
  }

  /** Seconds of the take so far. */
  get elapsed() { return this.take ? this.take.count / this.rate : 0 }

  /**
   * Ends the take.
   *
   * @returns {Promise<{samples: Float32Array, rate: number, isTorn: boolean}>} `isTorn`: audio is missing in it.
   */
  async stop() {
    const take = this.take ?? { parts: [], count: 0, isTorn: true, lost: 0 }
    let isOver = this.take === null
    take.onEnd = () => { isOver = true }
    take.until = Date.now() + tail
    for (let still = 0; !isOver; still += 1) {
      const count = take.count
      await wait(25)
      if (take.count !== count) still = 0
      if (still > 80) isOver = take.isTorn = true // the microphone is gone
    }
    if (this.take === take) this.take = null
    const samples = new Float32Array(take.count)
    let at = 0
    for (const part of take.parts) {
      samples.set(part, at)
      at += part.length
    }
    return { samples, rate: this.rate, isTorn: take.isTorn || this.lost !== take.lost }
  }

  lose(reason) {
    if (this.isClosed) return
    if (this.take) this.take.isTorn = true
    this.close()
    this.onEnd(reason)
  }

  /** Gives the microphone back. */
  close() {
    if (this.isClosed) return
    this.isClosed = true
    for (const track of this.stream.getTracks()) track.stop()
    this.reader?.cancel().catch(() => {})
    this.source?.disconnect()
    this.context?.close().catch(() => {})
  }
}

const wait = (time) => new Promise((resolve) => { setTimeout(resolve, time) })

const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1]

/** Peak and power of a block; `isClipped` where three samples in a row reach full scale with one sign. */
function levelOf(samples) {
  let [peak, sum, run, last, isClipped] = [0, 0, 0, 0, false]
  for (const sample of samples) {
    const size = Math.abs(sample)
    if (size > peak) peak = size
    sum += sample * sample
    run = size >= 0.9995 ? (sample * last > 0 ? run + 1 : 1) : 0
    last = sample
    if (run >= 3) isClipped = true
  }
  return { peak, rms: Math.sqrt(sum / samples.length), isClipped }
}

/** The bits a sample that hold all of the sound: 16 where the microphone gives no more, else 24. */
export function bitsOf(samples) {
  return samples.every((sample) => Number.isInteger(sample * 32768)) ? 16 : 24
}

/** A WAV file with one channel. Samples of that many bits are exact; full scale is 1. */
export function wav(samples, rate, bits = bitsOf(samples)) {
  const width = bits / 8
  const count = samples.length * width
  const bytes = new Uint8Array(44 + count + (count & 1))
  const view = new DataView(bytes.buffer)
  const text = (at, letters) => bytes.set([...letters].map((letter) => letter.charCodeAt(0)), at)
  text(0, "RIFF")
  view.setUint32(4, bytes.length - 8, true)
  text(8, "WAVEfmt ")
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * width, true)
  view.setUint16(32, width, true)
  view.setUint16(34, bits, true)
  text(36, "data")
  view.setUint32(40, count, true)
  const full = 2 ** (bits - 1)
  let at = 44
  for (const sample of samples) {
    const value = Math.max(-full, Math.min(full - 1, Math.round(sample * full)))
    for (let shift = 0; shift < bits; shift += 8) {
      bytes[at] = (value >> shift) & 255
      at += 1
    }
  }
  return bytes
}
