/* What this program traces: names, units and axes of docs/trace-format.md. One table for the whole program.

   Loop axes, outermost first: pixel layer subpixel source phi mosaic. Component axes: abc (crystal axes), xyz and
   uvw (lab), row column (of a matrix file), draw (the three deviates of a rotation), node_h node_k node_l (the nodes of a
   stencil). Grid axes: h k l (the table of structure factors), reflection (the list that fills it, counted from 1). Further
   loops: hpoint vpoint (the points of the divergence grid). */
#ifndef QUANTITIES_H
#define QUANTITIES_H

#define CONFORM_AXES(AXIS) \
	AXIS(layer) AXIS(subpixel) AXIS(source) AXIS(phi) AXIS(mosaic) AXIS(xyz) AXIS(uvw) AXIS(abc) \
	AXIS(row) AXIS(column) AXIS(hpoint) AXIS(vpoint) AXIS(draw) AXIS(reflection) \
	AXIS(h) AXIS(k) AXIS(l) AXIS(node_h) AXIS(node_k) AXIS(node_l)

#define CONFORM_QUANTITIES(Q) \
	/* run level: beam */ \
	Q(flux, "photon/s", F64, "") \
	Q(exposure, "s", F64, "") \
	Q(beamsize, "m", F64, "") \
	Q(fluence, "photon/m^2", F64, "") \
	Q(fluence_asked, "photon/m^2", F64, "") \
	Q(beamsize_given, "", I64, "") \
	Q(r_e_sqr, "m^2", F64, "") \
	Q(lambda0, "m", F64, "") \
	Q(kahn_factor, "", F64, "") \
	Q(polarization_axis, "", F64, "xyz") \
	Q(source_direction, "", F64, "source xyz") \
	Q(source_wavelength, "m", F64, "source") \
	Q(source_weight, "", F64, "source") \
	Q(source_position, "m", F64, "source xyz") \
	Q(source_h, "rad", F64, "source") \
	Q(source_v, "rad", F64, "source") \
	Q(source_i, "count", I64, "source") \
	Q(source_j, "count", I64, "source") \
	Q(source_d, "count", I64, "source") \
	Q(source_columns, "count", I64, "source") \
	Q(sources_listed, "", I64, "") \
	Q(round_divergence, "", I64, "") \
	Q(point_kept, "", I64, "hpoint vpoint") \
	Q(hdivsteps_asked, "count", I64, "") \
	Q(hdivrange_asked, "rad", F64, "") \
	Q(hdivstep_asked, "rad", F64, "") \
	Q(vdivsteps_asked, "count", I64, "") \
	Q(vdivrange_asked, "rad", F64, "") \
	Q(vdivstep_asked, "rad", F64, "") \
	Q(dispsteps_asked, "count", I64, "") \
	Q(dispersion_asked, "", F64, "") \
	Q(hdivsteps, "count", I64, "") \
	Q(vdivsteps, "count", I64, "") \
	Q(dispsteps, "count", I64, "") \
	Q(hdivrange, "rad", F64, "") \
	Q(hdivstep, "rad", F64, "") \
	Q(vdivrange, "rad", F64, "") \
	Q(vdivstep, "rad", F64, "") \
	Q(dispersion, "", F64, "") \
	Q(dispstep, "", F64, "") \
	Q(beam_direction, "", F64, "xyz") \
	Q(vertical_axis, "", F64, "xyz") \
	/* run level: counts */ \
	Q(sources, "count", I64, "") \
	Q(mosaic_domains, "count", I64, "") \
	Q(phisteps, "count", I64, "") \
	Q(oversample, "count", I64, "") \
	Q(thicksteps, "count", I64, "") \
	Q(steps, "count", I64, "") \
	Q(oversample_asked, "count", I64, "") \
	Q(mosaic_domains_asked, "count", I64, "") \
	Q(sub_slow, "count", I64, "subpixel") \
	Q(sub_fast, "count", I64, "subpixel") \
	/* run level: crystal */ \
	Q(phi0, "rad", F64, "") \
	Q(phistep, "rad", F64, "") \
	Q(osc, "rad", F64, "") \
	Q(phisteps_asked, "count", I64, "") \
	Q(osc_asked, "rad", F64, "") \
	Q(phistep_asked, "rad", F64, "") \
	Q(cell_given, "", I64, "") \
	Q(matrix_given, "", I64, "") \
	Q(misset_random, "", I64, "") \
	Q(cell_length, "angstrom", F64, "abc") \
	Q(cell_angle, "rad", F64, "abc") \
	Q(cell_volume, "angstrom^3", F64, "") \
	Q(reciprocal_length, "1/angstrom", F64, "abc") \
	Q(matrix, "", F64, "row column") \
	Q(reciprocal_set, "1/angstrom", F64, "abc xyz") \
	Q(reciprocal_oriented, "1/angstrom", F64, "abc xyz") \
	Q(sample_asked, "m", F64, "abc") \
	Q(sample_size, "m", F64, "abc") \
	Q(N_asked, "count", I64, "abc") \
	Q(crystal_width, "m", F64, "abc") \
	Q(spindle_axis, "", F64, "xyz") \
	Q(cell0, "m", F64, "abc xyz") \
	Q(misset, "rad", F64, "xyz") \
	Q(reciprocal_cell, "1/angstrom", F64, "abc xyz") \
	Q(V_cell, "angstrom^3", F64, "") \
	Q(V_star, "1/angstrom^3", F64, "") \
	Q(mosaic_spread, "rad", F64, "") \
	Q(mosaic_spread_asked, "rad", F64, "") \
	Q(mosaic_rotation, "", F64, "mosaic xyz uvw") \
	Q(mosaic_angle, "rad", F64, "mosaic") \
	Q(mosaic_axis, "", F64, "mosaic xyz") \
	Q(deviate, "", F64, "mosaic draw") \
	Q(deviate_integer, "count", I64, "mosaic draw") \
	Q(deviate_state, "count", I64, "mosaic draw") \
	Q(N, "count", I64, "abc") \
	Q(fudge, "", F64, "") \
	Q(shape, "", I64, "") \
	/* run level: detector; _asked: from the flags, _set: before the origin is placed */ \
	Q(convention, "", I64, "") \
	Q(pivot, "", I64, "") \
	Q(beam_asked, "", F64, "xyz") \
	Q(fast_asked, "", F64, "xyz") \
	Q(slow_asked, "", F64, "xyz") \
	Q(normal_asked, "", F64, "xyz") \
	Q(twotheta_axis_asked, "", F64, "xyz") \
	Q(polarization_asked, "", F64, "xyz") \
	Q(spindle_asked, "", F64, "xyz") \
	Q(fast_set, "", F64, "xyz") \
	Q(slow_set, "", F64, "xyz") \
	Q(normal_set, "", F64, "xyz") \
	Q(detector_rotation, "rad", F64, "xyz") \
	Q(fast_side, "m", F64, "") \
	Q(slow_side, "m", F64, "") \
	Q(fast_pixels, "count", I64, "") \
	Q(slow_pixels, "count", I64, "") \
	Q(fast_side_asked, "m", F64, "") \
	Q(slow_side_asked, "m", F64, "") \
	Q(fast_pixels_asked, "count", I64, "") \
	Q(slow_pixels_asked, "count", I64, "") \
	Q(distance_asked, "m", F64, "") \
	Q(distance_set, "m", F64, "") \
	Q(close_distance_given, "", I64, "") \
	Q(close_distance_asked, "m", F64, "") \
	Q(close_distance_set, "m", F64, "") \
	Q(Xbeam_given, "", I64, "") \
	Q(Ybeam_given, "", I64, "") \
	Q(Xclose_given, "", I64, "") \
	Q(Yclose_given, "", I64, "") \
	Q(ORGX_given, "", I64, "") \
	Q(ORGY_given, "", I64, "") \
	Q(Xbeam_asked, "m", F64, "") \
	Q(Ybeam_asked, "m", F64, "") \
	Q(Xclose_asked, "m", F64, "") \
	Q(Yclose_asked, "m", F64, "") \
	Q(ORGX_asked, "", F64, "") \
	Q(ORGY_asked, "", F64, "") \
	Q(Fclose_set, "m", F64, "") \
	Q(Sclose_set, "m", F64, "") \
	Q(Fbeam_set, "m", F64, "") \
	Q(Sbeam_set, "m", F64, "") \
	Q(dials_origin, "mm", F64, "xyz") \
	Q(fast_axis, "", F64, "xyz") \
	Q(slow_axis, "", F64, "xyz") \
	Q(detector_normal, "", F64, "xyz") \
	Q(pix0, "m", F64, "xyz") \
	Q(pixel_size, "m", F64, "") \
	Q(subpixel_size, "m", F64, "") \
	Q(close_distance, "m", F64, "") \
	Q(distance, "m", F64, "") \
	Q(ratio, "", F64, "") \
	Q(twotheta, "rad", F64, "") \
	Q(twotheta_axis, "", F64, "xyz") \
	Q(Xbeam, "m", F64, "") \
	Q(Ybeam, "m", F64, "") \
	Q(Fbeam, "m", F64, "") \
	Q(Sbeam, "m", F64, "") \
	Q(Xclose, "m", F64, "") \
	Q(Yclose, "m", F64, "") \
	Q(Fclose, "m", F64, "") \
	Q(Sclose, "m", F64, "") \
	Q(ORGX, "", F64, "") \
	Q(ORGY, "", F64, "") \
	Q(roi_fast_first, "count", I64, "") \
	Q(roi_fast_last, "count", I64, "") \
	Q(roi_slow_first, "count", I64, "") \
	Q(roi_slow_last, "count", I64, "") \
	Q(mask_given, "", I64, "") \
	Q(thickness_asked, "m", F64, "") \
	Q(layers_asked, "count", I64, "") \
	Q(attenuation_asked, "1/m", F64, "") \
	Q(detector_thickness, "m", F64, "") \
	Q(layer_thickness, "m", F64, "") \
	Q(attenuation, "1/m", F64, "") \
	/* run level: structure factors, background, switches */ \
	Q(default_F, "electron", F64, "") \
	Q(reflections, "count", I64, "") \
	Q(reflection_index, "count", I64, "reflection abc") \
	Q(reflection_F, "electron", F64, "reflection") \
	Q(table_first, "count", I64, "abc") \
	Q(table_last, "count", I64, "abc") \
	Q(listed, "count", I64, "h k l") \
	Q(F_table, "electron", F64, "h k l") \
	Q(dmin, "m", F64, "") \
	Q(water, "m", F64, "") \
	Q(F_background, "electron", F64, "") \
	Q(I_background, "electron^2", F64, "") \
	Q(interpolate_asked, "", I64, "") \
	Q(interpolate, "", I64, "") \
	Q(kahn_given, "", I64, "") \
	Q(noise_asked, "", I64, "") \
	Q(preview_asked, "", I64, "") \
	Q(nopolar, "", I64, "") \
	Q(oversample_thick, "", I64, "") \
	Q(oversample_polar, "", I64, "") \
	Q(oversample_omega, "", I64, "") \
	Q(point_pixel, "", I64, "") \
	Q(curved, "", I64, "") \
	/* pixel, layer, subpixel */ \
	Q(I_start, "electron^2", F64, "pixel") \
	Q(layer_depth, "m", F64, "pixel layer") \
	Q(fast_position, "m", F64, "pixel layer subpixel") \
	Q(slow_position, "m", F64, "pixel layer subpixel") \
	Q(pixel_position, "m", F64, "pixel layer subpixel xyz") \
	Q(airpath, "m", F64, "pixel layer subpixel") \
	Q(diffracted, "", F64, "pixel layer subpixel xyz") \
	Q(omega, "sr", F64, "pixel layer subpixel") \
	Q(parallax, "", F64, "pixel layer subpixel") \
	Q(capture, "", F64, "pixel layer subpixel") \
	Q(running_capture, "", F64, "pixel layer subpixel") \
	Q(running_omega, "sr", F64, "pixel layer subpixel") \
	/* source, phi, mosaic */ \
	Q(incident, "", F64, "pixel layer subpixel source xyz") \
	Q(wavelength, "m", F64, "pixel layer subpixel source") \
	Q(q, "1/m", F64, "pixel layer subpixel source xyz") \
	Q(stol, "1/m", F64, "pixel layer subpixel source") \
	Q(left_out, "", I64, "pixel layer subpixel source") \
	Q(frame_b, "", F64, "pixel layer subpixel source xyz") \
	Q(frame_e, "", F64, "pixel layer subpixel source xyz") \
	Q(cos_2theta, "", F64, "pixel layer subpixel source") \
	Q(psi, "rad", F64, "pixel layer subpixel source") \
	Q(polarization, "", F64, "pixel layer subpixel source") \
	Q(running_polar, "", F64, "pixel layer subpixel source") \
	Q(phi_angle, "rad", F64, "pixel layer subpixel source phi") \
	Q(cell_phi, "m", F64, "pixel layer subpixel source phi abc xyz") \
	Q(cell, "m", F64, "pixel layer subpixel source phi mosaic abc xyz") \
	Q(hkl, "", F64, "pixel layer subpixel source phi mosaic abc") \
	Q(hkl0, "count", I64, "pixel layer subpixel source phi mosaic abc") \
	Q(F_latt_axis, "", F64, "pixel layer subpixel source phi mosaic abc") \
	Q(rho_sqr, "", F64, "pixel layer subpixel source phi mosaic") \
	Q(sphere, "", F64, "pixel layer subpixel source phi mosaic") \
	Q(offset_measure, "", F64, "pixel layer subpixel source phi mosaic") \
	Q(F_latt, "", F64, "pixel layer subpixel source phi mosaic") \
	Q(vanishes, "", I64, "pixel layer subpixel source phi mosaic") \
	Q(stencil_h, "count", I64, "pixel layer subpixel source phi mosaic node_h") \
	Q(stencil_k, "count", I64, "pixel layer subpixel source phi mosaic node_k") \
	Q(stencil_l, "count", I64, "pixel layer subpixel source phi mosaic node_l") \
	Q(F_cell, "electron", F64, "pixel layer subpixel source phi mosaic") \
	Q(term, "electron^2", F64, "pixel layer subpixel source phi mosaic") \
	/* the pixel's value */ \
	Q(I, "electron^2", F64, "pixel") \
	Q(scaled, "photon", F64, "pixel") \
	Q(capture_final, "", F64, "pixel") \
	Q(polar_final, "", F64, "pixel") \
	Q(omega_final, "sr", F64, "pixel") \
	Q(intensity, "photon", F64, "pixel") \
	Q(mask, "", F64, "pixel") \
	Q(outside_roi, "", I64, "pixel") \
	Q(masked, "", I64, "pixel") \
	Q(image, "photon", F32, "pixel") \
	/* the image in other forms */ \
	Q(scale_asked, "1/photon", F64, "") \
	Q(integer_scale, "1/photon", F64, "") \
	Q(adc_offset, "", F64, "") \
	Q(int_image, "count", I64, "pixel") \
	Q(pgm_scale_asked, "1/photon", F64, "") \
	Q(pgm_scale, "1/photon", F64, "") \
	Q(pgm_image, "count", I64, "pixel") \
	Q(noise_mean, "photon", F32, "pixel") \
	Q(noise_regime, "", I64, "pixel") \
	Q(noise_gaussian, "", F32, "pixel") \
	Q(drawn, "photon", F32, "pixel") \
	Q(noise_image, "count", I64, "pixel") \
	Q(overloads, "count", I64, "") \
	Q(photons_drawn, "photon", F64, "") \
	Q(noise_seed, "count", I64, "") \
	Q(mosaic_seed, "count", I64, "") \
	Q(misset_seed, "count", I64, "") \
	Q(noise_seed_given, "", I64, "") \
	Q(mosaic_seed_given, "", I64, "") \
	Q(misset_seed_given, "", I64, "") \
	/* run level again: the image as a whole */ \
	Q(omega_sum, "sr", F64, "") \
	Q(printed_solid_angle, "sr", F64, "") \
	Q(population, "count", I64, "") \
	Q(max_I, "photon", F64, "") \
	Q(max_I_fast, "m", F64, "") \
	Q(max_I_slow, "m", F64, "") \
	Q(mean_I, "photon", F64, "") \
	Q(rms, "photon", F64, "") \
	Q(rmsd, "photon", F64, "")

#include "../conform_probe.h"

#endif
