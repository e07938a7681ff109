/** A configuration as text, which is changed here where it may be; as many lines high as it has, up to `most`. */
export const ConfigurationText = ({
  text,
  most,
  isReadOnly = false,
  takes,
}: {
  readonly text: string;
  readonly most: number;
  readonly isReadOnly?: boolean;
  readonly takes: (text: string) => void;
}) => (
  <label class="whole">
    <span class="heard">Configuration</span>
    <textarea
      class="code"
      rows={Math.min(most, text.split('\n').length + 2)}
      spellcheck={false}
      readOnly={isReadOnly}
      value={text}
      onInput={({ currentTarget }) => takes(currentTarget.value)}
    />
  </label>
);
