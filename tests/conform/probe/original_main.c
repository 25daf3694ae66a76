/* Vectors of four elements, whose element 0 is their length where somebody measured it. */
double dot_product(double *x, double *y)
{
	return x[1] * y[1] + x[2] * y[2] + x[3] * y[3];
}

double magnitude(double *vector)
{
	vector[0] = sqrt(dot_product(vector, vector));
	return vector[0];
}

double unitize(double *vector, double *new_unit_vector)
{
	double mag;
	mag = magnitude(vector);
	if (mag > 0.0) {
		new_unit_vector[1] = vector[1] / mag;
		new_unit_vector[2] = vector[2] / mag;
		new_unit_vector[3] = vector[3] / mag;
	} else {
		new_unit_vector[1] = new_unit_vector[2] = new_unit_vector[3] = 0.0;
	}
	return mag;
}

double *cross_product(double *x, double *y, double *z)
{
	double out[4];
	out[1] = x[2] * y[3] - x[3] * y[2];
	out[2] = x[3] * y[1] - x[1] * y[3];
	out[3] = x[1] * y[2] - x[2] * y[1];
	z[0] = 0.0, z[1] = out[1], z[2] = out[2], z[3] = out[3];
	return z;
}

double *rotate_axis(double *v, double *newv, double *axis, double phi)
{
	double along = dot_product(axis, v) * (1.0 - cos(phi)), c = cos(phi), s = sin(phi), across[4];
	cross_product(axis, v, across);
	newv[1] = axis[1] * along + v[1] * c + across[1] * s;
	newv[2] = axis[2] * along + v[2] * c + across[2] * s;
	newv[3] = axis[3] * along + v[3] * c + across[3] * s;
	return newv;
}

double *rotate_umat(double *v, double *newv, double *umat)
{
	newv[1] = umat[0] * v[1] + umat[1] * v[2] + umat[2] * v[3];
	newv[2] = umat[3] * v[1] + umat[4] * v[2] + umat[5] * v[3];
	newv[3] = umat[6] * v[1] + umat[7] * v[2] + umat[8] * v[3];
	return newv;
}

double sincg(double x, double N)
{
	return x == 0.0 ? N : sin(x * N) / sin(x);
}

double polarization_factor(double kahn_factor, double *incident, double *diffracted, double *axis)
{
	double cos2theta, cos2theta_sqr, psi = 0.0, B_in[4], E_in[4], unit_axis[4];
	unitize(incident, incident);
	unitize(diffracted, diffracted);
	cos2theta = dot_product(incident, diffracted);
	cos2theta_sqr = cos2theta * cos2theta;
	if (kahn_factor != 0.0) {
		unitize(axis, unit_axis);
		cross_product(unit_axis, incident, B_in);
		unitize(B_in, B_in);
		cross_product(incident, B_in, E_in);
		unitize(E_in, E_in);
		psi = -atan2(dot_product(diffracted, B_in), dot_product(diffracted, E_in));
	}
	return 0.5 * (1.0 + cos2theta_sqr - kahn_factor * cos(2.0 * psi) * (1.0 - cos2theta_sqr));
}

/* The amplitude between indices, through the last argument. */
void polin3(Run *run, double *hkl, double *result)
{
	double found;
	if (interpolated_factor(run, hkl, &found))
		*result = found;
	else
		*result = nearest_factor(run, (int[3]){ nearest(hkl[0]), nearest(hkl[1]), nearest(hkl[2]) });
}

/* What this program cannot read is of no consequence: a type as an argument, twice. */
double first_of(int count, ...)
{
	va_list list;
	double value;
	va_start(list, count);
	value = va_arg(list, double);
	if (count > 1)
		value += *va_arg(list, double *);
	va_end(list);
	return value;
}

#define ALL_OF(vector, x, y, z) vector[1] = x, vector[2] = y, vector[3] = z

int main(int argc, char **argv)
{
	double test, sum, sumsqr;
	double I = 0.0, I_bg, F_bg = 2.57;
	double r_e_sqr = 7.94079248018965e-30, fluence = 125932015286227086360700780544.0, lambda = 1e-10, lambda0;
	double polarization, polar = 1.0, omega_pixel = 0.0, omega_sum = 0.0, capture_fraction = 0.0, parallax = 0.0, airpath;
	double Fdet, Sdet, Odet, phi, stol, h, k, l, F_latt, F_cell, hrad_sqr, rad_star_sqr;
	double pixel_size, subpixel_size, close_distance, distance, detector_mu, detector_thick, detector_thickstep;
	double phi0, phistep, osc, mosaic_spread, dmin, water, fudge;
	double pixel_pos[4], diffracted[4], incident[4], scattering[4], flat_pos[4];
	double pix0_vector[4], fdet_vector[4], sdet_vector[4], odet_vector[4], beam_vector[4], polar_vector[4], spindle_vector[4];
	double a0[4], b0[4], c0[4], ap[4], bp[4], cp[4], a[4], b[4], c[4], a_star[4], b_star[4], c_star[4];
	double V_cell, V_star, Fbeam, Sbeam;
	double *source_X, *source_Y, *source_Z, *source_lambda, *mosaic_umats;
	float *floatimage, max_I = 0.0;
	int spixel, fpixel, imgidx, spixels, fpixels, thick_tic, subS, subF, source, phi_tic, mos_tic;
	int detector_thicksteps, oversample, sources, phisteps, mosaic_domains, steps, h0, k0, l0, Na, Nb, Nc, i, sumn = 0;
	int oversample_thick, oversample_polar, oversample_omega, nopolar, point_pixel, interpolate, shape, curved;
	Options options = parse_command_line(argc, argv);
	Run run = { 0 };

	derive(&run, &options);
	print_summary(&run);
	fluence = run.beam.fluence;
	if (options.flux < 0.0)
		fluence = first_of(1, 0.0);
	spixels = run.detector.pixels[SLOW];
	fpixels = run.detector.pixels[FAST];
	pixel_size = run.detector.pixel, close_distance = run.detector.close_distance, distance = run.detector.distance;
	detector_thick = run.detector.thickness.range, detector_thickstep = run.detector.thickness.step;
	detector_thicksteps = run.detector.thickness.count, detector_mu = run.detector.mu;
	Fbeam = run.detector.Fbeam, Sbeam = run.detector.Sbeam;
	ALL_OF(pix0_vector, run.detector.pix0[X], run.detector.pix0[Y], run.detector.pix0[Z]);
	ALL_OF(fdet_vector, run.detector.fast[X], run.detector.fast[Y], run.detector.fast[Z]);
	ALL_OF(sdet_vector, run.detector.slow[X], run.detector.slow[Y], run.detector.slow[Z]);
	ALL_OF(odet_vector, run.detector.normal[X], run.detector.normal[Y], run.detector.normal[Z]);
	ALL_OF(beam_vector, run.detector.beam[X], run.detector.beam[Y], run.detector.beam[Z]);
	ALL_OF(polar_vector, run.detector.polar[X], run.detector.polar[Y], run.detector.polar[Z]);
	ALL_OF(spindle_vector, run.detector.spindle[X], run.detector.spindle[Y], run.detector.spindle[Z]);
	ALL_OF(a_star, run.crystal.reciprocal.v[0][X], run.crystal.reciprocal.v[0][Y], run.crystal.reciprocal.v[0][Z]);
	ALL_OF(b_star, run.crystal.reciprocal.v[1][X], run.crystal.reciprocal.v[1][Y], run.crystal.reciprocal.v[1][Z]);
	ALL_OF(c_star, run.crystal.reciprocal.v[2][X], run.crystal.reciprocal.v[2][Y], run.crystal.reciprocal.v[2][Z]);
	V_cell = run.crystal.volume, V_star = 1.0 / V_cell;
	/* in Angstrom, to be shown, before they are what the loops need */
	ALL_OF(a, run.crystal.direct.v[0][X], run.crystal.direct.v[0][Y], run.crystal.direct.v[0][Z]);
	printf("a = %g %g %g A\n", a[1], a[2], a[3]);
	for (i = 0; i < 3; i++) {
		a[i + 1] = a0[i + 1] = ap[i + 1] = run.crystal.cell0.v[0][i];
		b[i + 1] = b0[i + 1] = bp[i + 1] = run.crystal.cell0.v[1][i];
		c[i + 1] = c0[i + 1] = cp[i + 1] = run.crystal.cell0.v[2][i];
	}
	Na = run.crystal.N[0], Nb = run.crystal.N[1], Nc = run.crystal.N[2];
	phi0 = options.phi0, phistep = run.phi.step, osc = run.phi.range, phisteps = run.phi.count;
	mosaic_spread = run.mosaic_spread, mosaic_domains = run.mosaic_domains;
	oversample = run.oversample, sources = run.beam.n_sources, steps = run.steps, subpixel_size = run.subpixel;
	polarization = options.kahn, nopolar = options.nopolar, dmin = options.dmin, water = options.water, fudge = options.fudge;
	oversample_thick = options.oversample_thick, oversample_polar = options.oversample_polar;
	oversample_omega = options.oversample_omega, point_pixel = options.point_pixel, curved = options.curved;
	shape = options.shape, lambda0 = options.lambda0, interpolate = run.interpolate;
	I_bg = F_bg * F_bg * r_e_sqr * fluence * water * water * water * 1e6 * AVOGADRO / 18.0;
	source_X = allocate(sources, sizeof(double)), source_Y = allocate(sources, sizeof(double));
	source_Z = allocate(sources, sizeof(double)), source_lambda = allocate(sources, sizeof(double));
	mosaic_umats = allocate(9 * mosaic_domains, sizeof(double));
	floatimage = allocate((size_t)spixels * fpixels, sizeof(float));

	/* lists, for which the variables of the loops serve as scratch */
	for (source = 0; source < sources; ++source) {
		source_X[source] = run.beam.sources[source].direction[X];
		source_Y[source] = run.beam.sources[source].direction[Y];
		source_Z[source] = run.beam.sources[source].direction[Z];
		lambda = source_lambda[source] = run.beam.sources[source].wavelength;
		I = run.beam.sources[source].weight;
		printf("source %d: lambda %g weight %g\n", source, lambda, I);
	}
	for (mos_tic = 0; mos_tic < mosaic_domains; ++mos_tic)
		for (i = 0; i < 9; ++i)
			mosaic_umats[9 * mos_tic + i] = run.mosaic_rotation[mos_tic].row[i / 3][i % 3];
	for (phi_tic = 0; phi_tic < phisteps; ++phi_tic) {
		phi = phi0 + phistep * phi_tic;
		printf("phi%d = %g\n", phi_tic, phi * RTD);
	}
	for (h0 = 0; h0 < 2; ++h0)
		for (k0 = 0; k0 < 2; ++k0)
			h = k = l = 0.5 * h0;
	test = sum = sumsqr = 0.0;

#ifdef _OPENMP
#pragma omp parallel for \
	schedule(static) default(none) \
	firstprivate(fpixel, imgidx, I, polar, omega_pixel, capture_fraction, parallax, airpath, thick_tic, subS, subF, \
	             source, phi_tic, mos_tic, Fdet, Sdet, Odet, phi, stol, h, k, l, h0, k0, l0, F_latt, F_cell, hrad_sqr, \
	             rad_star_sqr, pixel_pos, diffracted, incident, scattering, flat_pos, ap, bp, cp, a, b, c, lambda, test, i) \
	shared(spixels, fpixels, floatimage, run, I_bg, nopolar, detector_thicksteps, detector_thick, detector_thickstep, \
	       detector_mu, oversample, subpixel_size, pixel_size, fdet_vector, sdet_vector, odet_vector, pix0_vector, \
	       close_distance, oversample_omega, oversample_thick, oversample_polar, point_pixel, sources, source_X, \
	       source_Y, source_Z, source_lambda, dmin, polarization, polar_vector, phisteps, phi0, phistep, spindle_vector, \
	       a0, b0, c0, mosaic_domains, mosaic_spread, mosaic_umats, Na, Nb, Nc, shape, fudge, water, interpolate, \
	       a_star, b_star, c_star, r_e_sqr, fluence, steps, max_I) reduction(+: omega_sum, sum, sumsqr, sumn)
#endif
	for (spixel = 0; spixel < spixels; ++spixel) {
		for (fpixel = 0; fpixel < fpixels; ++fpixel) {
			/* outside the region of interest, or masked */
			if (!in_roi(&run.detector, spixel, fpixel))
				continue;
			if (is_masked(&run, spixel, fpixel)) continue;
			imgidx = spixel * fpixels + fpixel;
			I = I_bg;
			polar = 0.0;
			if (nopolar) polar = 1.0;
			omega_pixel = 0.0;

			for (thick_tic = 0; thick_tic < detector_thicksteps; ++thick_tic) {
				Odet = thick_tic * detector_thickstep;
				capture_fraction = 0.0;
				if (detector_thick == 0.0) capture_fraction = 1.0;

				for (subS = 0; subS < oversample; ++subS) {
					for (subF = 0; subF < oversample; ++subF) {
						Fdet = subpixel_size * ((double)fpixel * oversample + subF) + subpixel_size / 2.0;
						Sdet = subpixel_size * ((double)spixel * oversample + subS) + subpixel_size / 2.0;
						pixel_pos[1] = Fdet * fdet_vector[1] + Sdet * sdet_vector[1] + Odet * odet_vector[1] + pix0_vector[1];
						pixel_pos[2] = Fdet * fdet_vector[2] + Sdet * sdet_vector[2] + Odet * odet_vector[2] + pix0_vector[2];
						pixel_pos[3] = Fdet * fdet_vector[3] + Sdet * sdet_vector[3] + Odet * odet_vector[3] + pix0_vector[3];
						pixel_pos[0] = 0.0;
						airpath = unitize(pixel_pos, diffracted);

						/* solid angle, once for all subpixels unless told otherwise */
						if (omega_pixel == 0.0 || oversample_omega) {
							omega_pixel = pixel_size * pixel_size / airpath / airpath * close_distance / airpath;
							if (point_pixel) omega_pixel = 1.0 / airpath / airpath;
						}
						omega_sum += omega_pixel;

						if (capture_fraction == 0.0 || oversample_thick)
						{
							if (detector_thick > 0.0) {
								parallax = dot_product(diffracted, odet_vector);
								capture_fraction = exp(-thick_tic * detector_thickstep * detector_mu / parallax) -
								                   exp(-(thick_tic + 1) * detector_thickstep * detector_mu / parallax);
							}
						}

						for (source = 0; source < sources; ++source) {
							incident[1] = -source_X[source];
							incident[2] = -source_Y[source];
							incident[3] = -source_Z[source];
							lambda = source_lambda[source];
							scattering[1] = (diffracted[1] - incident[1]) / lambda;
							scattering[2] = (diffracted[2] - incident[2]) / lambda;
							scattering[3] = (diffracted[3] - incident[3]) / lambda;
							stol = 0.5 * magnitude(scattering);

							if (dmin > 0.0 && stol > 0.0) {
								if (dmin > 0.5 / stol) continue;
							}
							if (((polar == 0.0) && !nopolar) || oversample_polar)
								polar = polarization_factor(polarization, incident, diffracted, polar_vector);

							for (phi_tic = 0; phi_tic < phisteps; ++phi_tic) {
								phi = phi0 + phistep * phi_tic;
								if (phi != 0.0) {
									rotate_axis(a0, ap, spindle_vector, phi);
									rotate_axis(b0, bp, spindle_vector, phi);
									rotate_axis(c0, cp, spindle_vector, phi);
								}

								for (mos_tic = 0; mos_tic < mosaic_domains; ++mos_tic) {
									if (mosaic_spread > 0.0) {
										rotate_umat(ap, a, &mosaic_umats[mos_tic * 9]);
										rotate_umat(bp, b, &mosaic_umats[mos_tic * 9]);
										rotate_umat(cp, c, &mosaic_umats[mos_tic * 9]);
									} else {
										a[1] = ap[1]; a[2] = ap[2]; a[3] = ap[3];
										b[1] = bp[1]; b[2] = bp[2]; b[3] = bp[3];
										c[1] = cp[1]; c[2] = cp[2]; c[3] = cp[3];
									}
									h = dot_product(a, scattering);
									k = dot_product(b, scattering);
									l = dot_product(c, scattering);
									h0 = (int)ceil(h - 0.5);
									k0 = (int)ceil(k - 0.5);
									l0 = (int)ceil(l - 0.5);

									F_latt = 1.0;
									if (shape == SQUARE) {
										if (Na > 1) {
											F_latt *= sincg(PI * h, Na);
										}
										if (Nb > 1) {
											F_latt *= sincg(PI * k, Nb);
										}
										if (Nc > 1) {
											F_latt *= sincg(PI * l, Nc);
										}
									}
									if (shape == ROUND) {
										hrad_sqr = (h - h0) * (h - h0) * Na * Na + (k - k0) * (k - k0) * Nb * Nb +
										           (l - l0) * (l - l0) * Nc * Nc;
										F_latt = (double)Na * Nb * Nc * 0.723601254558268 *
										         sphere_transform(PI * sqrt(hrad_sqr * fudge));
									}
									if (shape == GAUSS || shape == TOPHAT) {
										double offset[3] = { h - h0, k - k0, l - l0 };
										rad_star_sqr = reciprocal_offset(&run.crystal, offset);
										if (shape == GAUSS)
											F_latt = (double)Na * Nb * Nc * exp(-(rad_star_sqr / 0.63 * fudge));
										if (shape == TOPHAT)
											F_latt = (double)Na * Nb * Nc * (rad_star_sqr * fudge < 0.3969);
									}
									if (F_latt == 0.0 && water == 0.0) continue;

									if (interpolate) {
										double hkl[3] = { h, k, l };
										polin3(&run, hkl, &F_cell);
									}
									if (!interpolate) {
										if (run.table.n_hkls && in_table(&run.table, (int[3]){ h0, k0, l0 })) {
											F_cell = table_value(&run.table, h0, k0, l0);
										}
										else
											F_cell = run.options->default_F;
									}
									I += F_cell * F_cell * F_latt * F_latt;
									if (oversample_thick) I *= capture_fraction;
									if (oversample_polar) I *= polar;
									if (oversample_omega) I *= omega_pixel;
								}
							}
						}
					}
				}
			}
			test = r_e_sqr * fluence * I / steps;
			if (!oversample_thick) test *= capture_fraction;
			if (!oversample_polar) test *= polar;
			if (!oversample_omega) test *= omega_pixel;
			floatimage[imgidx] += test;
			sum += floatimage[imgidx];
			sumsqr += floatimage[imgidx] * floatimage[imgidx];
			++sumn;
			if (options_print(&run, spixel, fpixel)) {
				test = airpath;
				printf("airpath = %g\n", test);
				I = sqrt(I);
			}
		}
	}
	for (imgidx = 0; imgidx < spixels * fpixels; ++imgidx)
		if (floatimage[imgidx] > max_I) max_I = floatimage[imgidx];
	test = sumn ? sum / sumn : 0.0;
	printf("max_I = %g mean = %g at %d pixels, omega %g\n", max_I, test, sumn, omega_sum);
	(void)(lambda0 + distance + osc + V_star + Fbeam + Sbeam + (curved ? beam_vector[1] : 0.0));
	{
		FILE *outfile = fopen(options.floatfile ? options.floatfile : "floatimage.bin", "wb");
		fwrite(floatimage, sizeof(float), (size_t)spixels * fpixels, outfile);
		fclose(outfile);
	}
	return 0;
}
